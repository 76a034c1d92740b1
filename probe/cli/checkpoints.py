"""What the name of a checkpoint means on the command line."""

import re


def checkpoint_named(name: str) -> str | int:
    """Return the checkpoint that ``--checkpoint`` names: best, latest, or a step; whoever opens it says which there
    are."""
    return int(name) if re.fullmatch("[0-9]{1,18}", name) else name
