"""From a text to arrays on disk: one pass counts characters, a second one writes code points and ids."""

import contextlib
import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from probe.corpus.codes import narrowest
from probe.corpus.decoding import Piece, check_characters
from probe.corpus.document import FileSpan
from probe.corpus.vocabulary import Vocabulary
from probe.errors import UserError
from probe.files import ArrayWriter

CODE_POINTS = 0x110000
SPACE = 32


class Pieces(Protocol):
    """A text that can be read any number of times."""

    @property
    def size(self) -> int:
        """Its bytes, for the progress bar."""

    def pieces(self) -> Iterator[Piece]:
        """Yield it in blocks, file after file."""


@dataclass(frozen=True)
class Survey:
    """What the first pass over a text finds.

    Attributes:
        counts: how often each code point occurs, (0x110000,) int64.
        files: the spans of its files.
        bytes: its length in bytes.
        sha256: the checksum of these bytes.
    """

    counts: np.ndarray
    files: tuple[FileSpan, ...]
    bytes: int
    sha256: str


def survey(text: Pieces, name: str, collapse_spaces: bool, progress: bool) -> Survey:
    """Read ``text`` once and count.

    Raises:
        UserError: it is not a text (see :meth:`TextFile.pieces` and :func:`check_characters`).
    """
    counts = np.zeros(CODE_POINTS, np.int64)
    digest = hashlib.sha256()
    size = 0
    ends: dict[str, int] = {}
    length = 0
    for piece in _read(text, collapse_spaces, progress, f"{name}: counting"):
        digest.update(piece.raw)
        size += len(piece.raw)
        if len(piece.codes):
            block = np.bincount(piece.codes)
            counts[:len(block)] += block
            length += len(piece.codes)
            ends[piece.name] = length
    check_characters(name, counts)
    starts = [0, *ends.values()]
    files = tuple(FileSpan(file, start, stop) for (file, stop), start in zip(ends.items(), starts, strict=False))
    return Survey(counts, files, size, digest.hexdigest())


def write_arrays(text: Pieces, name: str, found: Survey, vocabulary: Vocabulary, stand_in: str | None, *,
                 collapse_spaces: bool, codes: Path, ids: Path, progress: bool) -> None:
    """Read ``text`` a second time and write its code points and ids.

    Raises:
        UserError: a character is outside the vocabulary, or the text is no longer what ``found`` describes.
    """
    _check_covered(text, found, vocabulary, stand_in, collapse_spaces)
    digest = hashlib.sha256()
    dtype = narrowest(int(np.flatnonzero(found.counts)[-1]))
    with ArrayWriter(codes, dtype) as code_file, ArrayWriter(ids, vocabulary.dtype) as id_file:
        for piece in _read(text, collapse_spaces, progress, f"{name}: writing"):
            digest.update(piece.raw)
            if len(piece.codes) and found.counts[piece.codes].min() == 0:
                break
            code_file.write(piece.codes)
            id_file.write(vocabulary.encode_codes(piece.codes, stand_in=stand_in))
        if digest.hexdigest() != found.sha256:
            raise UserError(f"{name}: changed while it was being read; try again when it is complete")


def _check_covered(text: Pieces, found: Survey, vocabulary: Vocabulary, stand_in: str | None,
                   collapse_spaces: bool) -> None:
    """Raise the vocabulary's error, with the place in the whole text, before anything is written."""
    occurring = np.flatnonzero(found.counts)
    outside = occurring[~vocabulary.contains(occurring)]
    if not len(outside) or vocabulary.unknown or stand_in is not None:
        return
    foreign = np.zeros(CODE_POINTS, bool)
    foreign[outside] = True
    position = 0
    for piece in _read(text, collapse_spaces, False, ""):
        places = np.flatnonzero(foreign[piece.codes])
        if len(places):
            raise vocabulary.outside(int(piece.codes[places[0]]), position + int(places[0]),
                                     int(found.counts[outside].sum()))
        position += len(piece.codes)


def _read(text: Pieces, collapse_spaces: bool, progress: bool, label: str) -> Iterator[Piece]:
    """Yield the pieces of ``text``, with runs of spaces made one if asked, behind a progress bar if asked."""
    with _bar(text.size, label) if progress else contextlib.nullcontext(_silent) as advance:
        current, in_run = "", False
        for piece in text.pieces():
            if collapse_spaces:
                in_run = in_run and piece.name == current
                spaces = piece.codes == SPACE
                repeated = spaces & np.append(in_run, spaces[:-1])[:len(spaces)]
                current, in_run = piece.name, bool(spaces[-1]) if len(spaces) else in_run
                piece = Piece(piece.name, piece.raw, piece.codes[~repeated])
            yield piece
            advance(len(piece.raw))


@contextlib.contextmanager
def _bar(size: int, label: str) -> Iterator[Callable[[int], Any]]:
    from tqdm import tqdm

    with tqdm(total=size, desc=label, unit="B", unit_scale=True, disable=None, leave=False) as bar:
        yield bar.update


def _silent(amount: int) -> None:
    """Advance no bar."""
