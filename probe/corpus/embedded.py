"""The embedded corpus: the sources of Python's own standard library, in an order that is the same on every machine."""

import hashlib
import io
import os
import sysconfig
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Self

from probe.corpus.codes import codes_of
from probe.corpus.decoding import Piece
from probe.errors import UserError
from probe.files import read_bytes

# Tests, third-party packages, and the parts that distributions of Python leave out or pack apart.
LEFT_OUT_FOLDERS = frozenset({
    "test", "tests", "idle_test", "site-packages", "dist-packages", "__pycache__", "lib-dynload", "lib2to3",
    "distutils", "ensurepip", "idlelib", "pydoc_data", "tkinter", "turtledemo", "venv",
})
# Files that differ from machine to machine, or belong to a part that is packed apart.
LEFT_OUT_FILES = frozenset({"sitecustomize.py", "usercustomize.py", "turtle.py"})
LEFT_OUT_PREFIXES = ("_sysconfigdata", "_sysconfig_vars", "config-", "_distutils_system_mod", "_virtualenv")


@dataclass(frozen=True)
class StandardLibrary:
    """Files of the standard library in the order in which they are read.

    Attributes:
        root: the library's folder.
        files: paths relative to it, with forward slashes.
        size: their bytes.
    """

    root: Path
    files: tuple[str, ...]
    size: int

    @classmethod
    def of_this_python(cls, characters: int) -> Self:
        """Choose files of the running Python's library; see :meth:`of_folder`."""
        return cls.of_folder(Path(sysconfig.get_path("stdlib")), characters)

    @classmethod
    def of_folder(cls, root: Path, characters: int) -> Self:
        """Choose files until the text has ``characters`` characters, the last file being taken whole.

        The order is that of the sha256 of their relative paths. It depends on nothing but the names, so it is the
        same on every machine; and it mixes packages, so that the last tenth of the text, on which findings are
        confirmed, is the same kind of code as the rest (in the order of names it would be all `unittest` and `xml`).

        Raises:
            UserError: ``characters`` is not positive, or there are no sources.
        """
        if characters < 1:
            raise UserError(f"characters must be at least 1; received {characters}")
        chosen: list[str] = []
        length = size = 0
        for name in sorted(_sources(root), key=lambda name: hashlib.sha256(name.encode()).digest()):
            raw = read_bytes(root / name)
            text = _decoded(raw)
            if text and _tokenizes(text):
                chosen.append(name)
                length, size = length + len(text), size + len(raw)
            if length >= characters:
                break
        if not chosen:
            raise UserError(f"{root}: this Python comes without the sources of its library; give a text file instead")
        return cls(root, tuple(chosen), size)

    def pieces(self) -> Iterator[Piece]:
        """Yield the files, newlines made ``\\n``.

        Raises:
            UserError: a file is no longer the source that was chosen.
        """
        for name in self.files:
            raw = read_bytes(self.root / name)
            text = _decoded(raw)
            if text is None:
                raise UserError(f"{self.root / name}: changed while it was being read; try again")
            yield Piece(name, raw, codes_of(text))


def _sources(root: Path) -> Iterator[str]:
    """Yield the relative paths of the sources under ``root``."""
    for folder, folders, names in os.walk(root):
        folders[:] = [name for name in folders if _belongs(name, LEFT_OUT_FOLDERS)]
        within = Path(folder).relative_to(root)
        for name in names:
            if name.endswith(".py") and _belongs(name, LEFT_OUT_FILES):
                yield str(PurePosixPath(*within.parts, name))


def _belongs(name: str, left_out: frozenset[str]) -> bool:
    return name not in left_out and not name.startswith(LEFT_OUT_PREFIXES)


def _decoded(raw: bytes) -> str | None:
    """Return the text of a source file in the coding it declares, or None if that is wrong."""
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(raw).readline)
        return raw.decode(encoding).replace("\r\n", "\n").replace("\r", "\n")
    except (SyntaxError, UnicodeError):
        return None


def _tokenizes(text: str) -> bool:
    try:
        for _ in tokenize.generate_tokens(io.StringIO(text).readline):
            pass
    except (SyntaxError, tokenize.TokenError):
        return False
    return True
