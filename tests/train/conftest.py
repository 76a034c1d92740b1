"""A text small enough to train on in seconds."""

from pathlib import Path

import pytest

SENTENCES = ["The cat said “good morning” to the dog. ", "A dog runs fast, and barks (loudly). ",
             "We count 1, 2, 3.\n\n"]


@pytest.fixture
def text(tmp_path: Path) -> Path:
    path = tmp_path / "little.txt"
    path.write_text("".join(SENTENCES[(i * i) % 3] for i in range(200)), encoding="utf-8")
    return path
