"""A training in a process of its own that kills itself.

Its arguments are a folder and the number of updates.
"""

import os
import signal
import sys
from pathlib import Path


def _die_at(step: int) -> None:
    from probe.train import trainer

    update = trainer.Trainer._update

    def updating(training, done):
        update(training, done)
        if training.position.step == step:
            os.kill(os.getpid(), signal.SIGKILL)

    trainer.Trainer._update = updating


if __name__ == "__main__":
    from tests.attention.translator.conftest import train

    _die_at(int(sys.argv[2]))
    train(Path(sys.argv[1]))
