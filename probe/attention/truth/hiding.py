"""What each character of a text is worth: how the log-probability of an output changes when it is hidden."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING

import numpy as np

from probe.attention.translator.symbols import HIDDEN
from probe.attention.translator.translation import checked

if TYPE_CHECKING:
    from probe.attention.translator.translator import Translator

# Characters, with padding, that are read at once.
AT_ONCE = 2**14


@dataclass(frozen=True, eq=False)
class Looked:
    """What a network attends to while it writes an output of T − 1 characters and its end, and what hiding does.

    Attributes:
        weights: (T, S) float64, attention; rows sum to one.
        log_probabilities: (T,) float64 nats of each character of the output and of its end.
        effects: (T, S) float64 nats, as :func:`hidden_effects` returns them.
    """

    weights: np.ndarray
    log_probabilities: np.ndarray
    effects: np.ndarray


def hidden_effects(translator: "Translator", text: str, output: str) -> np.ndarray:
    """Return what hiding each character of a text does to each character of an output.

    A hidden character is still there: the network reads that something stands at its place, as it has learnt to. The
    characters of ``output`` before the one that is asked about are given, whatever the network would have written.

    Args:
        translator: whose network is asked.
        text: S characters.
        output: of ``0``–``9`` and ``-``; at most 10 characters.

    Returns:
        (T, S) float64 nats, T one more than ``output`` has characters: log-probability of each character of the output,
        and last of its end, with a character of the text hidden, minus without; below 0 where hiding hurts. It is 0
        for a character that the network has never seen, since that is hidden always.

    Raises:
        UserError: the text is too long to be a date, or the output is none that a network can write.
    """
    return look(translator, [text], [output])[0].effects


def look(translator: "Translator", texts: Sequence[str], outputs: Sequence[str]) -> list[Looked]:
    """Return, for each text and its output, the attention of the network that is given both, and what hiding does.

    Args:
        translator: whose network is asked.
        texts, outputs: as in :func:`hidden_effects`, as many of one as of the other.
    """
    found: dict[int, Looked] = {}
    for places in _portions(texts):
        rows = [len(texts[place]) + 1 for place in places]
        source = np.repeat(translator.symbols.source_ids([checked(texts[place]) for place in places]), rows, axis=0)
        starts = [0, *accumulate(rows)]
        for start, place in zip(starts, places, strict=False):
            hidden = np.arange(len(texts[place]))
            source[start + 1 + hidden, hidden] = HIDDEN
        read = translator.read(source, [outputs[place] for place, count in zip(places, rows, strict=True)
                                        for _ in range(count)])
        for start, stop, place in zip(starts, starts[1:], places, strict=False):
            steps, width = len(outputs[place]) + 1, len(texts[place])
            likelihood = read.log_probabilities[start:stop, :steps]
            effects = (likelihood[1:] - likelihood[0]).T
            effects[:, source[start, :width] == HIDDEN] = 0.0
            found[place] = Looked(read.weights[start, :steps, :width], likelihood[0], effects)
    return [found[place] for place in range(len(texts))]


def _portions(texts: Sequence[str]) -> Iterator[list[int]]:
    """Yield places of texts of about one length, so many that they can be read at once, each with all that it hides."""
    portion: list[int] = []
    rows = 0
    for place in sorted(range(len(texts)), key=lambda place: len(texts[place])):
        more = len(texts[place]) + 1
        if portion and (rows + more) * more > AT_ONCE:
            yield portion
            portion, rows = [], 0
        portion.append(place)
        rows += more
    if portion:
        yield portion
