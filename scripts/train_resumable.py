"""Train in sittings: stop it whenever you like, start it again tomorrow, on this machine or another.

    python scripts/train_resumable.py alice.txt runs/alice 30      thirty minutes
    python scripts/train_resumable.py alice.txt runs/alice 60      thirty more
"""

import sys

from probe.errors import Interrupted, UserError
from probe.model import ModelOptions
from probe.train import TrainOptions, train


def main(text: str, folder: str, minutes: float) -> int:
    try:
        run = train(text, folder, ModelOptions(units=256, layers=1), TrainOptions(minutes=minutes))
    except Interrupted as stopped:  # Ctrl-C or SIGTERM: everything is saved
        print(stopped)
        return 130
    except UserError as mistake:
        print(mistake, file=sys.stderr)
        return 1
    for record in run.log:
        if "validation_loss" in record:
            print(f"step {record['step']:6,}  {record['validation_bits']:.3f} bits a character")
    return 0


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1], sys.argv[2], float(sys.argv[3])))
