"""Alignments: views that lay activations on the character read, or on the one that the network then expects."""

from dataclasses import dataclass

import numpy as np

from probe.options import named


@dataclass(frozen=True)
class Alignment:
    """On which character row t, the activation once text[t] has been read, is laid.

    Attributes:
        name: word by which it is chosen.
        meaning: what a caption or a legend says: laid on …
        shift: row t lies on text[t + shift].
    """

    name: str
    meaning: str
    shift: int

    def lay(self, text: str, rows: np.ndarray) -> tuple[str, np.ndarray]:
        """Return the part of ``text`` on which rows lie, N − shift characters, and these rows.

        Args:
            text: N characters.
            rows: (N, …), one for each character.
        """
        return text[self.shift:], rows[:len(rows) - self.shift]


READ = Alignment("read", "the character just read", 0)
PREDICTED = Alignment("predicted", "the next character, the one that is being predicted", 1)

ALIGNMENTS = {alignment.name: alignment for alignment in (READ, PREDICTED)}
"""All alignments by name."""


def alignment_named(name: str) -> Alignment:
    """Return the alignment called ``name``.

    Raises:
        UserError: there is none of that name.
    """
    return named("alignment", name, ALIGNMENTS)
