"""A training that is killed again and again ends as one that was never disturbed.

Here by a few kills; ``python benchmarks/soak_resume.py`` does a thousand.
"""

import random
from pathlib import Path

import pytest

from probe.model.checkpoint import checkpoint_steps
from tests.crash.kills import Victim, assert_same_training
from tests.forked import Forked

# At least, and one of them after an update was saved.
KILLS = 5


class ForkedVictim(Victim):
    """Begins with the engine loaded, so that no kill is spent on the loading."""

    def start(self, folder: Path) -> Forked:
        """Start it in a fork."""
        return Forked(self.command(folder))


@pytest.mark.parametrize(("name", "plan"), [("steps", ("--steps", "40")), ("epochs", ("--epochs", "1.5"))])
def test_killed_at_random_moments_it_ends_bit_for_bit_as_undisturbed(name, plan, tmp_path: Path):
    text = tmp_path / "text.txt"
    text.write_text("“Come in,” said the fox (a red one). The cat, who was 3, did not.\n\n" * 40, encoding="utf-8")
    victim, chance = ForkedVictim(text, plan, changes=60), random.Random(name)
    victim.run(tmp_path / "whole")
    kills, attempt, trained = 0, 0, 0
    while kills < KILLS or not trained:
        attempt += 1
        folder = tmp_path / f"killed-{attempt}"
        while victim.kill(folder, chance):
            kills += 1
            trained += len(checkpoint_steps(folder)) > 1
            if kills >= KILLS and trained:
                break
        victim.run(folder)
        assert_same_training(tmp_path / "whole", folder)
        assert list(folder.rglob("*.part")) == []
