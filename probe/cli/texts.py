"""What names of files mean on the command line."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from probe.corpus import Corpus, CorpusOptions
from probe.corpus.catalogue import catalogue, get, receipt
from probe.errors import UserError
from probe.files import sha256_of

if TYPE_CHECKING:
    from probe.model import Run


def path_named(name: str) -> Path:
    """Return the path that an argument names.

    Raises:
        UserError: it is empty or holds control characters, with which it could drive a terminal that shows it.
    """
    if not name or not name.isprintable():
        raise UserError(f"the name of a file or folder must be printable; received {name!r}")
    return Path(name)


def file_named(name: str, flag: str) -> Path:
    """Return the path of a file that is to be written: its folder must be there, for only folders that hold what a
    command makes of its own are made by it.

    Args:
        name: as given.
        flag: what it is the value of, for the message.

    Raises:
        UserError: it cannot be a path, is that of a folder, or lies in one that is not there.
    """
    path = path_named(name)
    if path.is_dir():
        raise UserError(f"{flag} must name a file; {name} is a folder")
    if not path.parent.is_dir():
        raise UserError(f"{flag} {name}: there is no folder {path.parent}")
    return path


def check_files(arguments: argparse.Namespace, *flags: str) -> None:
    """Raise what :func:`file_named` raises for the files that flags name, before there is anything to write."""
    for flag in flags:
        if (name := getattr(arguments, flag)) is not None:
            file_named(name, f"--{flag}")


def text_named(name: str, run: Path | None = None) -> Path | None:
    """Return the text file that TEXT names: a path, or a corpus fetched before; None for ``embedded``.

    Args:
        name: as given.
        run: a run directory; if one is there already, a missing file is no mistake, since a run keeps its text.

    Raises:
        UserError: no such file, and no such corpus or one not fetched yet.
    """
    path = path_named(name)
    if path.exists():
        return path
    if name == "embedded":
        return None
    if name in catalogue():
        if receipt(name) is None:
            raise UserError(f"{name}: not fetched yet; 'probe corpus get {name}' does")
        return get(name)
    if run and (run / "run.json").exists():
        return path
    raise UserError(f"{name}: no such file, and no corpus of that name ('probe corpus list' names them)")


def foreign_corpus(opened: "Run", arguments: argparse.Namespace) -> Corpus:
    """Return the text that TEXT, --encoding and --stand-in name, read with a run's vocabulary.

    A copy of the run's own text is the run's own text.

    Raises:
        UserError: the stand-in is not one character, or the text cannot be read so.
    """
    stand_in = getattr(arguments, "stand_in", None)
    if stand_in is not None and len(stand_in) != 1:
        raise UserError(f"--stand-in must be one character; received {stand_in!r}")
    path = text_named(arguments.text)
    if path is not None and sha256_of(path) == opened.corpus.source["sha256"]:
        return opened.corpus
    reading = CorpusOptions(encoding=arguments.encoding, collapse_spaces=opened.corpus.options.collapse_spaces)
    known: dict[str, Any] = {"vocabulary": opened.corpus.vocabulary, "stand_in": stand_in, "progress": True}
    if path is None:
        return Corpus.embedded(reading, **known)
    return Corpus.read(path, reading, **known)
