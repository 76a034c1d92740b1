"""Which id each character has in somebody's own network."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import numpy as np

from probe.corpus import Corpus
from probe.corpus.codes import shown
from probe.errors import UserError
from probe.files import read_json

LARGEST = 1 << 24
FORMS = 'a JSON object {"a": 1, …} of characters and ids, one {"1": "a", …} of ids and characters, or a list of ' \
        "characters in the order of their ids"
SHOWN = 10


@dataclass(frozen=True)
class CharacterMapping:
    """Characters and their ids; several characters may share one.

    Attributes:
        ids: character → id. Words of several characters, such as ``"<unk>"``, may be there as stand-ins.
        name: what to call it in messages.
    """

    ids: Mapping[str, int] = field(repr=False)
    name: str

    def __post_init__(self) -> None:
        wrong = next((key for key, value in self.ids.items() if not isinstance(key, str) or not key
                      or not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < LARGEST), None)
        if wrong is not None:
            raise UserError(f"{self.name}: ids must be whole numbers from 0, each of a character; received "
                            f"{wrong!r:.40}: {self.ids[wrong]!r:.40}")
        if not any(len(key) == 1 for key in self.ids):
            raise UserError(f"{self.name}: holds no character; accepted is {FORMS}")

    @classmethod
    def read(cls, path: str | Path) -> Self:
        """Read a JSON file.

        Raises:
            UserError: it is unreadable, or not of one of the accepted forms.
        """
        return cls.from_json(read_json(Path(path)), str(path))

    @classmethod
    def from_json(cls, value: Any, name: str = "mapping") -> Self:
        """Take ``{"a": 1, …}``, ``{"1": "a", …}`` or ``["a", …]``, the first id being 0.

        Raises:
            UserError: it is of another form, or gives an id to two characters by their places.
        """
        if isinstance(value, list) and all(isinstance(each, str) for each in value):
            pairs = [(character, place) for place, character in enumerate(value)]
        elif isinstance(value, Mapping) and all(isinstance(each, str) for each in value.values()) and all(
                isinstance(key, str) and key.isascii() and key.isdecimal() and len(key) < 10 for key in value):
            pairs = [(character, int(key)) for key, character in value.items()]
        elif isinstance(value, Mapping):
            pairs = list(value.items())
        else:
            raise UserError(f"{name}: must be {FORMS}; received {value!r:.60}")
        ids = dict(pairs)
        if len(ids) < len(pairs):
            characters = [character for character, _ in pairs]
            twice = next(each for each in characters if characters.count(each) > 1)
            raise UserError(f"{name}: gives {twice!r:.40} two ids")
        return cls(ids, name)

    @classmethod
    def of(cls, text: str, ids: Sequence[int] | np.ndarray, name: str = "mapping") -> Self:
        """Learn the mapping from a text and the ids under which a network read it, (N,) whole numbers.

        Raises:
            UserError: they differ in length, or a character has two ids.
        """
        array = np.asarray(ids)
        if array.shape != (len(text),) or array.dtype.kind not in "iu":
            raise UserError(f"{name}: a text of {len(text):,} characters needs as many whole numbers; received "
                            f"{array.dtype} of shape {array.shape}")
        found: dict[str, int] = {}
        for place, (character, number) in enumerate(zip(text, array.tolist(), strict=True)):
            if found.setdefault(character, number) != number:
                raise UserError(f"{name}: {shown(ord(character))} has the id {found[character]} at first and {number} "
                                f"at position {place:,}")
        return cls(found, name)

    @classmethod
    def sorted_from(cls, corpus: Corpus) -> Self:
        """Number the distinct characters of a text from 0 in the order of their code points, as the article does."""
        return cls({character: place for place, character in enumerate(corpus.vocabulary.characters)},
                   "the text's sorted characters")

    @classmethod
    def named(cls, given: str | None, corpus: Corpus, model: str) -> Self:
        """Return what a user's word means: ``"sorted"``, or the path of a JSON file.

        Raises:
            UserError: nothing was given, since ids that are guessed are nearly always wrong; or as :meth:`read`.
        """
        if given is None:
            raise UserError(f"{model}: does not tell which id each character has; --mapping FILE names {FORMS}; "
                            "--mapping sorted numbers the distinct characters of the text from 0 in their order")
        return cls.sorted_from(corpus) if given == "sorted" else cls.read(Path(given))

    @property
    def largest(self) -> int:
        """The largest id."""
        return max(self.ids.values())

    def table(self, corpus: Corpus, stand_in: str | None = None) -> np.ndarray:
        """Return the network's id for each of the corpus' own ids, (V,) int32.

        Args:
            corpus: the text.
            stand_in: a character or word of the mapping whose id those without one get.

        Raises:
            UserError: characters of the text have no id and there is no stand-in, or it has none itself.
        """
        characters = corpus.vocabulary.characters
        outside = [character for character in characters if character not in self.ids]
        if stand_in is not None and stand_in not in self.ids:
            raise UserError(f"--stand-in must be a character or word of {self.name}; received {stand_in!a:.40}")
        if (outside or corpus.vocabulary.unknown) and stand_in is None:
            named = ", ".join(shown(ord(each)) for each in outside[:SHOWN]) or "its rare ones"
            more = f" and {len(outside) - SHOWN} more" if len(outside) > SHOWN else ""
            raise UserError(f"{corpus.source['name']}: has characters without an id in {self.name}: {named}{more}; "
                            "--stand-in CHARACTER names one of the mapping whose id they get")
        last = -1 if stand_in is None else self.ids[stand_in]
        ids = [self.ids.get(character, last) for character in characters] + [last] * corpus.vocabulary.unknown
        return np.array(ids, np.int32)
