"""What tokenizers with a table of tokens and ids have in common."""

import string
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import Any, ClassVar, Self

from probe.errors import UserError, quoted
from probe.explain.tokenizers.encoded import LARGEST_ID, PAD, START, UNKNOWN, Encoded

_ASCII_LOWER = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)
CASINGS: dict[str, Callable[[str], str]] = {
    "kept": str, "lower": str.lower, "ascii": lambda piece: piece.translate(_ASCII_LOWER)}


@dataclass(frozen=True)
class TableTokenizer(ABC):
    """Pieces of a text, looked up in a table.

    Each piece is lower-cased by itself, after the text was cut, so that spans are in the original text also where a
    lower-case letter is longer than its capital (``"İ"``).

    Attributes:
        ids: token → id.
        unknown: id of a piece that is not in the table; None leaves such pieces out, as Keras 2's Tokenizer does.
        start: id of a sign that stands in front of every text, or None.
        pad: id that fills short texts up.
        casing: ``"kept"``, ``"lower"``, or ``"ascii"``, which lower-cases A to Z alone.

    Raises:
        UserError: a token or an id cannot be one.
    """

    kind: ClassVar[str]

    ids: Mapping[str, int] = field(repr=False)
    unknown: int | None = 1
    start: int | None = None
    pad: int = 0
    casing: str = "kept"

    def __post_init__(self) -> None:
        if not isinstance(self.ids, Mapping) or not self.ids:
            raise UserError("a vocabulary must give at least one token an id; received none")
        for token, number in self.ids.items():
            if not isinstance(token, str) or not _is_id(number) or any("\ud800" <= c <= "\udfff" for c in token):
                raise UserError(f"a vocabulary must give each token an id from 0 to {LARGEST_ID - 1:,}; received "
                                f"{token!r:.40}: {number!r:.40}")
        for name in ("unknown", "start", "pad"):
            value = getattr(self, name)
            if not _is_id(value) and (value is not None or name == "pad"):
                raise UserError(f"{name} must be an id from 0 to {LARGEST_ID - 1:,}; received {value!r:.40}")
        if self.casing not in CASINGS:
            raise UserError(f"casing must be one of {', '.join(CASINGS)}; received {self.casing!r:.40}")

    @classmethod
    def from_texts(cls, texts: Iterable[str], most: int = 20_000, *, start: bool = False, **settings: Any) -> Self:
        """Learn the table from texts: 0 for pads, 1 for what is unknown, then the most frequent tokens.

        Args:
            texts: to learn from.
            most: tokens that get an id of their own; of equally frequent ones the first in the order of code points.
            start: whether a sign stands in front of every text; its id is 2.
            settings: the other attributes.

        Raises:
            UserError: the texts hold no token.
        """
        if most < 1:
            raise UserError(f"most must be at least 1; received {most}")
        learner = cls({UNKNOWN: 1}, **settings)
        counts = Counter(token for text in texts for token, _ in learner.pieces(text))
        if not counts:
            raise UserError("the texts hold no token to learn a vocabulary from")
        first = 3 if start else 2
        chosen = sorted(counts, key=lambda token: (-counts[token], token))[:most]
        return cls({token: first + place for place, token in enumerate(chosen)}, start=2 if start else None, **settings)

    @classmethod
    def from_index(cls, index: Mapping[str, int], *, shift: int = 0, unknown: int | None = None, **settings: Any,
                   ) -> Self:
        """Take a table that exists.

        Args:
            index: token → id.
            shift: added to each id: with ``shift=3, start=1, unknown=2`` the word index of Keras' film reviews.
            unknown: as the attribute.
            settings: the other attributes.
        """
        try:
            ids = {token: number + shift for token, number in index.items()} if shift else dict(index)
        except (AttributeError, TypeError, ValueError) as error:
            raise UserError(f"an index must give each token a whole number: {error}") from error
        return cls(ids, unknown=unknown, **settings)

    @abstractmethod
    def cut(self, text: str) -> Iterator[tuple[int, int]]:
        """Yield the spans of the pieces of ``text`` in order."""

    def form(self, piece: str) -> str:
        """Return the form under which a piece of a text is looked up; empty if it is no token."""
        return CASINGS[self.casing](piece)

    def pieces(self, text: str) -> Iterator[tuple[str, tuple[int, int]]]:
        """Yield the form and the span of each piece of ``text``."""
        for begin, end in self.cut(text):
            if form := self.form(text[begin:end]):
                yield form, (begin, end)

    def encode(self, text: str) -> Encoded:
        tokens, ids, offsets = [], [], []
        for form, span in self.pieces(text):
            number = self.ids.get(form, self.unknown)
            if number is not None:
                tokens.append(form if form in self.ids else UNKNOWN)
                ids.append(number)
                offsets.append(span)
        if not ids:
            raise UserError(f"the text {quoted(text, 40)} holds no token of the {self.kind} that the vocabulary of "
                            f"{len(self.ids):,} knows; at least one is needed")
        if self.start is not None:
            return Encoded.of([START, *tokens], [self.start, *ids], [(-1, -1), *offsets])
        return Encoded.of(tokens, ids, offsets)

    def token_of(self, id: int) -> str:
        signs = {self.pad: PAD, self.start: START, self.unknown: UNKNOWN}
        return self._tokens.get(id) or signs.get(id) or f"<{id}>"

    @property
    def size(self) -> int:
        """Rows that an Embedding of its ids must have."""
        return 1 + max(*self.ids.values(), self.pad, self.unknown or 0, self.start or 0)

    def to_json(self) -> dict[str, Any]:
        """Return JSON values that :func:`probe.explain.tokenizers.tokenizer_from_json` reads."""
        values = {each.name: getattr(self, each.name) for each in fields(self)}
        return {"kind": self.kind, **values, "ids": dict(self.ids)}

    @cached_property
    def _tokens(self) -> dict[int, str]:
        """id → token; of several with one id the first."""
        return {number: token for token, number in reversed(list(self.ids.items()))}


def _is_id(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < LARGEST_ID
