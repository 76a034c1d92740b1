"""Decoding a text file block by block, with errors that tell where a byte is wrong and what to try."""

import codecs
import difflib
import encodings.aliases
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from probe.corpus.codes import codes_of
from probe.errors import UserError, quoted
from probe.files import iterate_bytes, size_of

HEAD = 1 << 16
GUESSES = ("utf-8", "cp1252", "latin-1")
# Longest first: the mark of UTF-32 little-endian begins with that of UTF-16.
WIDE_MARKS = {
    codecs.BOM_UTF32_LE: "utf-32", codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16",
}
MARKS = {
    "utf-8": codecs.BOM_UTF8, "utf-16-le": codecs.BOM_UTF16_LE, "utf-16-be": codecs.BOM_UTF16_BE,
    "utf-32-le": codecs.BOM_UTF32_LE, "utf-32-be": codecs.BOM_UTF32_BE,
}
MAGIC = {
    b"\x1f\x8b": "a gzip archive", b"PK\x03\x04": "a zip archive (as .docx, .epub and .keras files are)",
    b"BZh91AY&SY": "a bzip2 archive", b"\xfd7zXZ\x00": "an xz archive", b"\x28\xb5\x2f\xfd": "a zstd archive",
    b"7z\xbc\xaf\x27\x1c": "a 7z archive", b"\x89PNG": "a PNG image", b"\xff\xd8\xff": "a JPEG image",
    b"GIF8": "a GIF image", b"%PDF-": "a PDF document", b"\x89HDF": "an HDF5 file", b"\x93NUMPY": "a numpy array",
    b"\x7fELF": "a program", b"SQLite format 3\x00": "an SQLite database",
}
# What a text does not hold: the C0 controls but backspace, tab, newline, vertical tab, form feed, return and escape.
CONTROLS = bytes(code for code in (*range(32), 127) if code not in (8, 9, 10, 11, 12, 13, 27))
MOST_CONTROLS = 0.01


@dataclass(frozen=True)
class Piece:
    """A part of a source text.

    Attributes:
        name: the file it belongs to; pieces of one file follow each other.
        raw: its bytes as they were read.
        codes: the code points that these bytes completed, (T,) uint32.
    """

    name: str
    raw: bytes
    codes: np.ndarray


@dataclass(frozen=True)
class TextFile:
    """A text file that can be read any number of times."""

    path: Path
    encoding: str

    @property
    def size(self) -> int:
        """Bytes in the file; 0 if it cannot be told."""
        return size_of(self.path) or 0

    def pieces(self) -> Iterator[Piece]:
        """Yield the text in blocks, without its byte-order mark.

        Raises:
            UserError: the file is missing, empty, not a text, or holds a byte that is wrong in its encoding.
        """
        if self.path.exists() and not self.path.is_file() and not self.path.is_dir():
            raise UserError(f"{self.path}: is a pipe or device; a text is read twice, so save it in a file first")
        decoder = codecs.getincrementaldecoder(_codec(self.encoding))()
        offset, line = 0, 1
        for raw in iterate_bytes(self.path):
            fed = raw if offset else self._checked_head(raw)
            text = self._decoded(decoder, fed, offset + len(raw) - len(fed), line)
            yield Piece(self.path.name, raw, codes_of(text))
            offset += len(raw)
            line += text.count("\n")
        if offset == 0:
            raise UserError(f"{self.path}: is empty; a text is needed here")
        self._decoded(decoder, b"", offset, line, final=True)

    def _checked_head(self, raw: bytes) -> bytes:
        """Return the first block without a byte-order mark, after refusing what is not text."""
        for magic, what in MAGIC.items():
            if raw.startswith(magic):
                raise UserError(f"{self.path}: is {what}, not plain text; unpack it or export its text first")
        unmarked = raw.removeprefix(MARKS.get(_codec(self.encoding), b""))
        if not _extends_ascii(self.encoding):
            return unmarked
        for mark, encoding in WIDE_MARKS.items():
            if raw.startswith(mark):
                raise UserError(f"{self.path}: begins with the byte-order mark of {encoding.upper()}, "
                                f"not {self.encoding}; try --encoding {encoding}")
        head = raw[:HEAD]
        controls = len(head) - len(head.translate(None, CONTROLS))
        if b"\0" in head or controls > MOST_CONTROLS * len(head):
            raise UserError(f"{self.path}: looks binary: {controls:,} control characters in the first "
                            f"{len(head):,} bytes; plain text is needed here")
        return unmarked

    def _decoded(self, decoder: codecs.IncrementalDecoder, raw: bytes, offset: int, line: int, *,
                 final: bool = False) -> str:
        """Return the text of ``raw``, which begins at byte ``offset``, on line ``line``."""
        pending = decoder.getstate()[0]
        try:
            return decoder.decode(raw, final)
        except UnicodeDecodeError as error:
            raise self._wrong_byte(error, offset - len(pending), line) from error
        except UnicodeError as error:
            raise UserError(f"{self.path}: not {self.encoding}: {error}; {self._hint(pending + raw)}") from error

    def _wrong_byte(self, error: UnicodeDecodeError, offset: int, line: int) -> UserError:
        seen = error.object[:error.start]
        place = f"byte {offset + error.start:,}"
        if _extends_ascii(self.encoding):
            place += f" (line {line + seen.count(10):,})"
        wrong = error.object[error.start:error.start + 1].hex()
        return UserError(f"{self.path}: not {self.encoding}: 0x{wrong} at {place}: {error.reason}; "
                         f"{self._hint(error.object)}")

    def _hint(self, raw: bytes) -> str:
        for guess in GUESSES:
            if codecs.lookup(guess).name != _codec(self.encoding) and _reads(raw, guess):
                return f"try --encoding {guess}"
        return "name its encoding with --encoding"


def check_encoding(name: str) -> None:
    """Raise :class:`UserError` unless ``name`` is a text encoding that Python can read in blocks."""
    try:
        codecs.getincrementaldecoder(name)
        b" ".decode(name)  # refuses codecs that are no text encodings, such as rot13
    except UnicodeDecodeError:
        return  # one byte alone is no text in UTF-16
    except (LookupError, ValueError) as error:
        known = sorted(set(encodings.aliases.aliases) | set(encodings.aliases.aliases.values()))
        near = difflib.get_close_matches(name.lower().replace("-", "_"), known, 1)
        hint = f"did you mean {near[0].replace('_', '-')}?" if near else "accepted: for example utf-8, cp1252, utf-16"
        raise UserError(f"--encoding: no text encoding is called {quoted(name)}; {hint}") from error


def check_characters(name: str, counts: np.ndarray) -> None:
    """Refuse a text by its characters.

    Args:
        name: the text, for the message.
        counts: how often each code point occurs.

    Raises:
        UserError: it has no or one character, half a surrogate pair (as UTF-7 can say), NUL characters, or many control
            characters.
    """
    length = int(counts.sum())
    if length < 2:
        raise UserError(f"{name}: holds {'one character' if length else 'no character'}; a longer text is needed here")
    if counts[0xD800:0xE000].any():
        raise UserError(f"{name}: holds half a surrogate pair, U+{0xD800 + int(counts[0xD800:0xE000].argmax()):04X}, "
                        "which is no character")
    controls = int(counts[list(CONTROLS)].sum())
    if counts[0] or controls > MOST_CONTROLS * length:
        raise UserError(f"{name}: looks binary: {controls:,} control characters, {int(counts[0]):,} of them NUL; "
                        "plain text is needed here")


def _codec(encoding: str) -> str:
    """Return the name of the codec to decode with: marks are taken off before, so UTF-8 with one is UTF-8."""
    name = codecs.lookup(encoding).name
    return "utf-8" if name == "utf-8-sig" else name


def _extends_ascii(encoding: str) -> bool:
    return " \n".encode(encoding) == b" \n"


def _reads(raw: bytes, encoding: str) -> bool:
    try:
        codecs.getincrementaldecoder(encoding)().decode(raw)
    except UnicodeError:
        return False
    return True
