"""Kill a training with SIGKILL at random moments, many times over, and compare what it becomes with an undisturbed one.

    python benchmarks/soak_resume.py --kills 1000

Every run that reaches its end must equal the undisturbed one bit for bit: weights, optimizer, carried states, position
and log, but for timing. The first difference ends the soak with status 1.
"""

import argparse
import random
import shutil
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.crash.kills import Victim, assert_same_training

TEXT = "“Come in,” said the fox (a red one). The cat, who was 3, did not.\n\n" * 40
PLANS = {"steps": ("--steps", "40"), "epochs": ("--epochs", "1.5")}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    chance, began = random.Random(arguments.seed), time.monotonic()
    kills = finished = 0
    with tempfile.TemporaryDirectory() as place:
        home = Path(place)
        (home / "text.txt").write_text(TEXT, encoding="utf-8")
        victims = {name: Victim(home / "text.txt", plan) for name, plan in PLANS.items()}
        for name, victim in victims.items():
            victim.run(home / name)
        while kills < arguments.kills:
            name = chance.choice(list(PLANS))
            folder = home / "killed"
            while kills < arguments.kills and victims[name].kill(folder, chance):
                kills += 1
            victims[name].run(folder)
            assert_same_training(home / name, folder)
            shutil.rmtree(folder)
            finished += 1
            print(f"{kills:5} kills, {finished} runs finished, all identical, {time.monotonic() - began:,.0f} s",
                  flush=True)


if __name__ == "__main__":
    main()
