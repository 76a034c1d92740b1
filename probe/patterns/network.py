"""Patterns of the network itself: what surprises it, and what it expects next."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from probe.corpus.codes import codes_of
from probe.corpus.document import Document
from probe.corpus.vocabulary import Vocabulary
from probe.patterns.classes import DIGIT, LETTER, UPPER, VOWEL, classes
from probe.patterns.pattern import Context, Pattern

_QUOTES = "\"'“”‘’„‚«»「」『』"


class NetworkPattern(Pattern):
    """A pattern that sees what a network gives out, and no text: :class:`NetworkLabels` labels by it."""

    group = "network"
    context = Context("characters", before=1)

    def label(self, document: Document) -> np.ndarray:
        raise TypeError(f"pattern {self.name!r} is about a network, and a text alone has no labels of it")


@dataclass(frozen=True)
class Surprise(NetworkPattern):
    name = "surprise"
    meaning = "−ln of the probability, in nats, that the network gave this character before it read it"
    kind = "graded"


@dataclass(frozen=True)
class Expects(NetworkPattern):
    """A pattern that holds where the character that the network holds most probable next is of some kind.

    Attributes:
        name, meaning: of the pattern.
        wanted: bits of :func:`classes` of which such a character has one.
        characters: further characters of the kind.
    """

    name: str
    meaning: str
    wanted: int = 0
    characters: str = ""

    @classmethod
    def of(cls, name: str, kind: str, wanted: int = 0, characters: str = "") -> Self:
        """Return the pattern of a kind of character; ``kind`` is what to call one."""
        return cls(name, f"after this character the network holds {kind} the most probable next", wanted, characters)

    def holds(self, vocabulary: Vocabulary) -> np.ndarray:
        """Return which of the V characters of ``vocabulary`` are of the kind, (V,) bool; the unknown one is not."""
        known = "".join(vocabulary.characters)
        held = ((classes(known) & self.wanted) != 0) | np.isin(codes_of(known), codes_of(self.characters))
        return np.append(held, [False] * vocabulary.unknown)


NETWORK_PATTERNS: dict[str, NetworkPattern] = {entry.name: entry for entry in (
    Surprise(),
    Expects.of("expects_space", "a space", characters=" "),
    Expects.of("expects_newline", "a line break", characters="\r\n"),
    Expects.of("expects_letter", "a letter", LETTER),
    Expects.of("expects_vowel", "a vowel", VOWEL),
    Expects.of("expects_capital", "an upper-case letter", UPPER),
    Expects.of("expects_digit", "a digit", DIGIT),
    Expects.of("expects_comma", "a comma", characters=","),
    Expects.of("expects_stop", "a stop (. ? ! …)", characters=".?!…"),
    Expects.of("expects_quote", "a quotation mark or apostrophe", characters=_QUOTES),
)}
"""All patterns about the network itself by name."""


def network_patterns(*, expected: bool = True) -> tuple[NetworkPattern, ...]:
    """Return the patterns of a network itself, all or those that do without ``expected`` characters."""
    return tuple(entry for entry in NETWORK_PATTERNS.values() if expected or not isinstance(entry, Expects))


class NetworkLabels:
    """Labels streams of a text by what a network gave out, block after block of one pass.

    What a character's surprise is stands in the row before it, which may be in the block before: the last losses of
    each stream are kept until the stream goes on. What streams begin with is told by the first block. Where the loss is
    not known, which is so at one character of a segment at most if any losses are, the first, the surprise is that of a
    network that knows nothing, ln V.

    Args:
        patterns: the P patterns.
        vocabulary: the V characters.
    """

    def __init__(self, patterns: Sequence[NetworkPattern], vocabulary: Vocabulary) -> None:
        self._patterns = tuple(patterns)
        self._unknown = np.float32(np.log(len(vocabulary)))
        self._tables = {entry: entry.holds(vocabulary) for entry in self._patterns if isinstance(entry, Expects)}
        self._last: dict[int, np.float32] = {}  # by the position that comes next

    def labels(self, starts: np.ndarray, losses: np.ndarray, expected: np.ndarray | None = None,
               before: np.ndarray | None = None) -> np.ndarray:
        """Return the labels of a block, (S, T, P) float32; the same for any cutting of the streams into blocks.

        Args:
            starts: positions (S,) of each stream's first row.
            losses: −log probability in nats (S, T) of the character after each row; NaN where it is not known.
            expected: ids (S, T) of the most probable characters after each row.
            before: the loss (S,) of each stream's first character, NaN where it is not known; of the first block.

        Raises:
            ValueError: a pattern asks for ``expected``, which is None.
        """
        if expected is None and self._tables:
            raise ValueError(f"{next(iter(self._tables)).name} needs the characters that the network expects")
        labels = np.empty((*losses.shape, len(self._patterns)), np.float32)
        for column, entry in enumerate(self._patterns):
            labels[..., column] = (self._tables[entry][expected] if expected is not None and entry in self._tables
                                   else self._surprise(starts, losses, before))
        if losses.shape[1]:
            ends = (starts + losses.shape[1]).tolist()
            self._last = dict(zip(ends, losses[:, -1], strict=True))
        return labels

    def _surprise(self, starts: np.ndarray, losses: np.ndarray, before: np.ndarray | None) -> np.ndarray:
        """(S, T) of losses (S, T) and of those before (S,)."""
        told = np.full(len(starts), np.nan, np.float32) if before is None else before
        first = [self._last.get(start, loss) for start, loss in zip(starts.tolist(), told, strict=True)]
        made = np.column_stack([np.array(first, np.float32), losses])[:, :losses.shape[1]]
        return np.where(np.isfinite(made), made, self._unknown)
