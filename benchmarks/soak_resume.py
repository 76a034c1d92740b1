"""Kill a training with SIGKILL at random moments, many times over, and compare what it becomes with an undisturbed one.

    python benchmarks/soak_resume.py --kills 1000

Every run that reaches its end must equal the undisturbed one bit for bit: weights, optimizer, carried states, position
and log, but for timing. The first difference ends the soak with status 1.

The undisturbed trainings are started as a person starts them. Those to be killed are processes of their own too, but
forked from this one, which has imported TensorFlow for them, so that a kill takes two seconds instead of nine.
"""

import argparse
import os
import random
import shutil
import signal
import sys
import tempfile
import time
import traceback
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import probe.train.characters  # noqa: F401  # before forking
from probe.cli.main import main as probe_command
from probe.files import is_leftover
from probe.model.checkpoint import checkpoint_steps
from tests.crash.kills import Victim, assert_same_training

TEXT = "“Come in,” said the fox (a red one). The cat, who was 3, did not.\n\n" * 40
PLANS = {"steps": ("--steps", "160"), "epochs": ("--epochs", "13.5")}
# A training changes its folder a few hundred times.
CHANGES = 250


class Fork:
    """A ``probe`` command in a fork of this process; see :class:`tests.crash.kills.Started`."""

    def __init__(self, words: list[str]) -> None:
        self.returncode: int | None = None
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115  # closed with the process's record
        self._process = os.fork()
        if self._process == 0:
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
            os.dup2(self._errors.fileno(), 2)
            status = 70
            try:
                status = probe_command(words)
            except BaseException:  # noqa: BLE001  # this process ends here
                traceback.print_exc()
            finally:
                os._exit(status)

    def poll(self) -> int | None:
        """Return its status if it has ended."""
        return self._wait(os.WNOHANG)

    def kill(self) -> None:
        """Send SIGKILL, unless it has ended."""
        if self.returncode is None:
            os.kill(self._process, signal.SIGKILL)

    def communicate(self) -> tuple[None, str]:
        """Wait for its end and return its errors."""
        self._wait(0)
        self._errors.seek(0)
        return None, self._errors.read().decode()

    def _wait(self, how: int) -> int | None:
        if self.returncode is None:
            ended, status = os.waitpid(self._process, how)
            self.returncode = os.waitstatus_to_exitcode(status) if ended else None
        return self.returncode


class ForkedVictim(Victim):
    """The same training without the seconds in which a new process imports TensorFlow."""

    def start(self, folder: Path) -> Fork:
        """Start it in a fork."""
        return Fork(self.command(folder))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    chance, began = random.Random(arguments.seed), time.monotonic()
    kills = training = writing = finished = 0
    with tempfile.TemporaryDirectory() as place:
        home = Path(place)
        (home / "text.txt").write_text(TEXT, encoding="utf-8")
        for name, plan in PLANS.items():
            Victim(home / "text.txt", plan).run(home / name)
        victims = {name: ForkedVictim(home / "text.txt", plan, CHANGES) for name, plan in PLANS.items()}
        while kills < arguments.kills:
            name = chance.choice(list(PLANS))
            folder = home / "killed"
            while kills < arguments.kills and victims[name].kill(folder, chance):
                kills += 1
                training += len(checkpoint_steps(folder)) > 1
                writing += any(is_leftover(path) for path in folder.rglob("*"))
            victims[name].run(folder)
            assert_same_training(home / name, folder)
            shutil.rmtree(folder)
            finished += 1
            print(f"{kills:5} kills, {training} after an update was saved, {writing} with a file half-written; "
                  f"{finished} runs finished, all identical, {time.monotonic() - began:,.0f} s", flush=True)


if __name__ == "__main__":
    main()
