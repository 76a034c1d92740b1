"""What names of files mean on the command line."""

import argparse
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from probe.corpus import Corpus, CorpusOptions
from probe.corpus.catalogue import catalogue, get, receipt
from probe.errors import UserError
from probe.files import near_path, sha256_of
from probe.options import did_you_mean

if TYPE_CHECKING:
    from probe.model import Run

PAGE, TABLE, PARQUET = (".html", ".htm"), (".csv", ".tsv"), (".parquet", ".pq")


def path_named(name: str) -> Path:
    """Return the path that an argument names.

    Raises:
        UserError: it is empty or holds control characters, with which it could drive a terminal that shows it.
    """
    if not name or not name.isprintable():
        raise UserError(f"the name of a file or folder must be printable; received {name!r}")
    return Path(name)


def file_named(name: str, flag: str, endings: Sequence[str] = ()) -> Path:
    """Return the path of a file that is to be written: its folder must be there, for only folders that hold what a
    command makes of its own are made by it.

    Args:
        name: as given.
        flag: what it is the value of, for the message.
        endings: how names of such files end. One that is there and ends otherwise is something else.

    Raises:
        UserError: it cannot be a path, is that of a folder or of something else, or lies in a folder that is not there.
    """
    path = path_named(name)
    if path.is_dir() or name.endswith(("/", os.sep)):
        raise UserError(f"{flag} must name a file; {name} is a folder")
    if not path.parent.is_dir():
        raise UserError(f"{flag} {name}: there is no folder {path.parent}")
    if endings and path.is_file() and path.suffix.lower() not in endings:
        raise UserError(f"{flag} {name}: is there, and is something else by its name, which would end in "
                        f"{' or '.join(endings)}; name another file")
    return path


def check_files(arguments: argparse.Namespace, **flags: Sequence[str]) -> None:
    """Look at the files that flags name, before there is anything to write.

    Args:
        arguments: of the command.
        flags: name → how such files end.

    Raises:
        UserError: as :func:`file_named`, or a file is also something else that the command was given.
    """
    for flag, endings in flags.items():
        if (name := getattr(arguments, flag)) is not None:
            path = file_named(name, f"--{flag}", endings)
            others = [each for other, values in vars(arguments).items() if other != flag for each in _words(values)]
            if path.is_file() and any(_is_same(path, each) for each in others):
                raise UserError(f"--{flag} {name}: is something else that this command is given; name another file")


def _words(values: object) -> list[str]:
    """What an argument says, one by one, without the NAME= in front of a file."""
    if isinstance(values, list | tuple):
        return [word for each in values for word in _words(each)]
    return [values, values.partition("=")[2]] if isinstance(values, str) else []


def _is_same(path: Path, word: str) -> bool:
    try:
        return bool(word) and path.samefile(word)
    except (OSError, ValueError):
        return False


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
    near = near_path(path, endings=("",)) or did_you_mean(name, (*catalogue(), "embedded"))
    raise UserError(f"{name}: no such file, and no corpus of that name ('probe corpus list' names them){near}")


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
