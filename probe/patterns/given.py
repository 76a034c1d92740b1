"""Labels that a file gives to one text, character by character."""

import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Self

import numpy as np

from probe.corpus.document import Document
from probe.errors import UserError
from probe.files import open_array, read_json, read_text, sha256_of
from probe.patterns.pattern import LARGEST_LABEL, Context, Kind, Pattern, within_bounds
from probe.patterns.spans import Spans, painted

LONGEST_MEANING = 300


@dataclass(frozen=True)
class GivenLabels(Pattern):
    """Labels from a file, by position in the text that they belong to.

    One value a character: ``.npy`` (N,), ``.csv`` (numbers parted by line breaks or commas), ``.txt`` (a digit a
    character, white space passed over), ``.json`` (a list). Spans: ``.json``, a list of ``[start, stop]`` or of objects
    ``{"start": …, "stop": …, "value": …}``, of which later ones paint over earlier ones and what is in none has label
    0. An object ``{"labels": list, "sha256": …, "meaning": …}`` tells the text's file apart from others, and in a line
    what is labelled. Labels are boolean if all of them are 0 or 1.

    It pickles as the name of its file, which must be there, unchanged, where it is used.

    Attributes:
        name: of the pattern.
        path: the file.
        sha256: of the file's bytes.
        characters: length N of the text.
        meaning: what the file says, or which it is.
        kind: of its labels.
    """

    name: str
    path: Path
    sha256: str
    characters: int
    meaning: str
    kind: Kind
    group = "yours"
    context = Context("characters")

    @classmethod
    def of(cls, name: str, path: Path | str, characters: int, sha256: str | None = None) -> Self:
        """Read labels.

        Args:
            name: of the pattern.
            path: the file.
            characters: length N of the text that is labelled.
            sha256: of the bytes of the text's file, if known.

        Raises:
            UserError: the file is missing, not in one of the forms above, or for another text.
        """
        path = Path(os.path.realpath(path))
        digest = sha256_of(path)
        values, text, meaning = _read(path, digest, characters)
        if text is not None and sha256 is not None and text != sha256:
            raise UserError(f"{path}: belongs to a text with sha256 {text:.12}…; received one with {sha256:.12}…")
        return cls(name, path, digest, characters, meaning or f"given by {path.name}",
                   "boolean" if values.dtype == bool else "graded")

    def label(self, document: Document) -> np.ndarray:
        values, *_ = _read(self.path, self.sha256, self.characters)
        return values[document.offset:document.offset + len(document)]


@lru_cache(maxsize=32)
def _read(path: Path, sha256: str, characters: int) -> tuple[np.ndarray, str | None, str | None]:
    """Return the labels (N,), bool or float32, the sha256 of the text that they are said to belong to, and what they
    are said to mean."""
    if path.suffix not in _FORMS:
        raise UserError(f"{path}: labels are read from {', '.join(_FORMS)}")
    if sha256_of(path) != sha256:
        raise UserError(f"{path}: has changed since it was read first")
    content = _FORMS[path.suffix](path)
    text = meaning = None
    if isinstance(content, Mapping):
        text, meaning, content = (content.get(key) for key in ("sha256", "meaning", "labels"))
        if not isinstance(content, list) or not isinstance(text, str | None) or not _is_line(meaning):
            raise UserError(f'{path}: an object must be {{"labels": list, "sha256": text, "meaning": a line of at most '
                            f"{LONGEST_MEANING} printable characters}}; received other values")
    spans = isinstance(content, list) and bool(content) and not isinstance(content[0], int | float)
    values = _painted(path, content, characters) if spans else _numbers(path, content)
    if values.shape != (characters,):
        raise UserError(f"{path}: labels {len(values):,} characters; received a text of {characters:,}")
    if not (within := within_bounds(values)).all():
        place = int(np.argmin(within))
        wrong = f"beyond ±{LARGEST_LABEL:g}" if np.isfinite(values[place]) else "not finite"
        raise UserError(f"{path}: label {place:,} is {wrong}")
    return values.astype(bool if np.isin(values, (0, 1)).all() else np.float32), text, meaning


def _is_line(meaning: Any) -> bool:
    return meaning is None or (isinstance(meaning, str) and meaning.isprintable()
                               and 0 < len(meaning) <= LONGEST_MEANING)


def _numbers(path: Path, content: Any) -> np.ndarray:
    try:
        values = np.asarray(content)
    except (ValueError, OverflowError):
        values = np.array("", object)
    if values.ndim != 1 or values.dtype.kind not in "biuf":
        raise UserError(f"{path}: must hold one number a character; received {values.dtype} of shape {values.shape}")
    return values


def _painted(path: Path, spans: Sequence[Any], characters: int) -> np.ndarray:
    starts, stops, values = [], [], []
    for number, span in enumerate(spans):
        row = [span.get("start"), span.get("stop"), span.get("value", 1)] if isinstance(span, Mapping) else span
        if not isinstance(row, list) or len(row) not in (2, 3) or not all(isinstance(each, int) for each in row[:2]):
            raise UserError(f'{path}: span {number:,} must be [start, stop] or {{"start": …, "stop": …, "value": …}}; '
                            f"received {json.dumps(span)[:80]}")
        start, stop, value = (*row, 1)[:3]
        if not 0 <= start <= stop <= characters or not _is_label(value):
            raise UserError(f"{path}: span {number:,} must lie within a text of {characters:,} characters and have a "
                            f"number within ±{LARGEST_LABEL:g} as its value; received {json.dumps(span)[:80]}")
        starts.append(start)
        stops.append(stop)
        values.append(float(value))
    painting = Spans(np.array(starts, np.int64), np.array(stops, np.int64))
    return painted(painting, np.array(values, np.float32), characters)


def _is_label(value: Any) -> bool:
    return isinstance(value, int | float) and -LARGEST_LABEL <= value <= LARGEST_LABEL


def _digits(path: Path) -> np.ndarray:
    codes = np.frombuffer("".join(read_text(path).split()).encode(), np.uint8)
    wrong = np.flatnonzero((codes < ord("0")) | (codes > ord("9")))
    if len(wrong):
        raise UserError(f"{path}: must hold one digit a character; received another sign after {int(wrong[0]):,} of "
                        "them")
    return codes - np.uint8(ord("0"))


def _rows(path: Path) -> np.ndarray:
    words = read_text(path).replace(",", " ").split()
    try:
        return np.array(words, dtype=np.float64)
    except ValueError as error:
        raise UserError(f"{path}: must hold numbers parted by line breaks or commas: {error!s:.120}") from error


_FORMS: dict[str, Callable[[Path], Any]] = {".npy": open_array, ".csv": _rows, ".txt": _digits, ".json": read_json}
