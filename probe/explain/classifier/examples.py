"""Texts with labels, from which a classifier learns and on which it is tried."""

import gzip
import hashlib
import io
import json
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from probe.errors import UserError
from probe.explain.tokenizers import TableTokenizer
from probe.files import read_bytes

# Bytes that a packed file may unpack to.
LARGEST = 1 << 31
HELD_OUT = 10
TRAIN, TEST = "train", "test"
FORM = 'one JSON object a line with "text" and "label" (a name, or a list of names), and if you like "split"'


@dataclass(frozen=True, eq=False)
class Examples:
    """Texts and what they are.

    Attributes:
        texts: N of them.
        labels: the labels of each text, one for a classifier of the kind ``"single"``.
        splits: for each text ``"train"`` or ``"test"``; where nobody has said so, a tenth of the texts is for testing,
            chosen by the sha256 of the text, so that equal texts never stand on both sides.

    Raises:
        UserError: the lengths differ.
    """

    texts: tuple[str, ...]
    labels: tuple[tuple[str, ...], ...]
    splits: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "splits", self.splits or tuple(_split(text) for text in self.texts))
        if not len(self.texts) == len(self.labels) == len(self.splits) or not self.texts:
            raise UserError(f"each text needs its labels and its split; received {len(self.texts):,} texts, "
                            f"{len(self.labels):,} and {len(self.splits):,}")

    @classmethod
    def read(cls, path: str | Path) -> "Examples":
        """Read a file of JSON lines, packed by gzip or not.

        Raises:
            UserError: it is unreadable or not such a file; the message names the line.
        """
        found = [_example(value, f"{path}: line {number}") for number, value in _lines(Path(path))]
        texts, labels, splits = zip(*found, strict=True) if found else ((), (), ())
        return cls(texts, labels, splits)

    @property
    def names(self) -> tuple[str, ...]:
        """The different labels in the order of their names."""
        return tuple(sorted({label for labels in self.labels for label in labels}))

    def targets(self, names: Sequence[str]) -> np.ndarray:
        """Return which labels each text has, (N, C) bool."""
        unknown = next((label for labels in self.labels for label in labels if label not in names), None)
        if unknown is not None:
            raise UserError(f"label {unknown!r:.40} is none of the {len(names)} labels")
        return np.array([[name in labels for name in names] for labels in self.labels])

    def of(self, split: str) -> "Examples":
        """Return those of the split ``"train"`` or ``"test"``."""
        return self.at([place for place, each in enumerate(self.splits) if each == split])

    def at(self, places: Sequence[int] | np.ndarray) -> "Examples":
        """Return the examples at some places, in their order."""
        return Examples(tuple(self.texts[place] for place in places), tuple(self.labels[place] for place in places),
                        tuple(self.splits[place] for place in places))

    def with_tokens(self, tokenizer: TableTokenizer) -> "Examples":
        """Return those whose text holds a token: others cannot be classified."""
        return self.at([place for place, text in enumerate(self.texts) if any(tokenizer.pieces(text))])

    def sample(self, count: int, seed: int = 0) -> "Examples":
        """Return ``count`` of them drawn at random, all if there are no more."""
        drawn = np.random.default_rng(seed).permutation(len(self.texts))[:count]
        return self.at(np.sort(drawn))

    def __len__(self) -> int:
        return len(self.texts)

    def __str__(self) -> str:
        """Return how many there are, by label."""
        counts = Counter(label for labels in self.labels for label in labels)
        return (f"{len(self):,} texts ({self.splits.count(TEST):,} held out): "
                + ", ".join(f"{name} {counts[name]:,}" for name in self.names))


def _split(text: str) -> str:
    return TEST if hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[0] * HELD_OUT < 256 else TRAIN


def _lines(path: Path) -> Iterator[tuple[int, Any]]:
    content = read_bytes(path)
    if content.startswith(b"\x1f\x8b"):
        try:
            with gzip.GzipFile(fileobj=io.BytesIO(content)) as packed:
                content = packed.read(LARGEST + 1)
        except (OSError, EOFError, zlib.error) as error:
            raise UserError(f"{path}: not a readable gzip file: {error}") from error
        if len(content) > LARGEST:
            raise UserError(f"{path}: unpacks to more than {LARGEST:,} bytes, which is the most that is accepted")
    for number, line in enumerate(content.split(b"\n"), start=1):
        if line.strip():
            try:
                yield number, json.loads(line)
            except (ValueError, RecursionError) as error:
                raise UserError(f"{path}: line {number} is not JSON ({error!s:.60}); accepted is {FORM}") from error


def _example(value: Any, place: str) -> tuple[str, tuple[str, ...], str]:
    text, label = (value.get("text"), value.get("label")) if isinstance(value, dict) else (None, None)
    labels = [label] if isinstance(label, str) else label
    if not isinstance(text, str) or not isinstance(labels, list) or not all(isinstance(each, str) for each in labels):
        raise UserError(f"{place}: must be {FORM}; received {value!r:.60}")
    split = value.get("split", _split(text))
    if split not in (TRAIN, TEST):
        raise UserError(f"{place}: split must be {TRAIN} or {TEST}; received {split!r:.40}")
    return text, tuple(labels), split
