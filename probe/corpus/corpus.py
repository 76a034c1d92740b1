"""A text with its vocabulary, ids and splits, in a folder, so that any part is read without the rest."""

import dataclasses
import platform
import shutil
import sys
import tempfile
import weakref
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self, cast, get_args

import numpy as np

from probe.corpus.building import Pieces, survey, write_arrays
from probe.corpus.codes import text_of
from probe.corpus.decoding import TextFile
from probe.corpus.description import Description
from probe.corpus.document import Document, FileSpan, Language, clipped
from probe.corpus.embedded import StandardLibrary
from probe.corpus.in_memory import TextInMemory
from probe.corpus.options import CorpusOptions
from probe.corpus.splits import Splits, split
from probe.corpus.vocabulary import Vocabulary
from probe.errors import UserError
from probe.files import open_array, read_manifest, sha256_of, whole_files, write_manifest

KIND, VERSION = "corpus", 1
MANIFEST, CODES, IDS = "corpus.json", "codes.npy", "ids.npy"
CHUNK = 1 << 22
PYTHON_SUFFIXES = (".py", ".pyi", ".pyw")


@dataclass(frozen=True, eq=False)
class Corpus:
    """A text of N characters, made by :meth:`read`, :meth:`of`, :meth:`embedded` or :meth:`open`.

    A corpus pickles as the name of its folder, which must be there where it is unpickled.

    Attributes:
        folder: where it lies; a temporary folder goes with the object.
        options: how the text was read.
        vocabulary: its characters.
        files: the spans of the files it was joined from.
        language: ``"python"`` or ``"prose"``.
        splits: its training, validation and test segments.
        source: JSON values that tell what was read: kind (``"file"``, ``"text"`` or ``"embedded"``), name, bytes,
            sha256 of the bytes, characters, encoding.
        ids: (N,) uint8 or uint16, memory-mapped.
        codes: code points (N,) uint8, uint16 or uint32, memory-mapped.
    """

    folder: Path
    options: CorpusOptions
    vocabulary: Vocabulary = field(repr=False)
    files: tuple[FileSpan, ...] = field(repr=False)
    language: Language
    splits: Splits
    source: dict[str, Any]
    ids: np.ndarray = field(repr=False)
    codes: np.ndarray = field(repr=False)

    @classmethod
    def read(cls, path: Path | str, options: CorpusOptions | None = None, *, folder: Path | str | None = None,
             vocabulary: Vocabulary | None = None, stand_in: str | None = None, language: Language | None = None,
             progress: bool = False) -> Self:
        """Read a text file. Memory stays bounded whatever its size; its newlines are kept as they are.

        Args:
            path: the text file.
            options: how to read it. Defaults to ``CorpusOptions()``.
            folder: where to keep the corpus. Defaults to a temporary folder.
            vocabulary: the characters to encode with, for example a trained network's. Defaults to the text's own.
            stand_in: a character of ``vocabulary`` for those outside it.
            language: what the text is. Defaults to Python for ``.py`` files, else prose.
            progress: whether to show a bar on a terminal.

        Raises:
            UserError: the file is missing, not a text, wrong in its encoding, too short, changing, or holds
                characters outside ``vocabulary``; or the folder cannot be written. What was in the folder stays then.
        """
        path, options = Path(path), options or CorpusOptions()
        own = "python" if path.suffix.lower() in PYTHON_SUFFIXES else "prose"
        return cls._build(TextFile(path, options.encoding), options, folder=folder, vocabulary=vocabulary,
                          stand_in=stand_in, language=language or cast(Language, own), progress=progress,
                          name=str(path), source={"kind": "file", "name": path.name, "encoding": options.encoding})

    @classmethod
    def of(cls, text: str | Pieces, name: str = "text", options: CorpusOptions | None = None, *,
           folder: Path | str | None = None, language: Language = "prose") -> Self:
        """Take a text that no file holds: a string, or what yields one in pieces.

        Args:
            text: the characters.
            name: what to call the text.
            options: how to read it; its encoding is not used. Defaults to ``CorpusOptions()``.
            folder: where to keep the corpus. Defaults to a temporary folder.
            language: what the text is.

        Raises:
            UserError: it is too short, holds NUL or many other control characters, or the folder cannot be written.
        """
        pieces = TextInMemory(name, text) if isinstance(text, str) else text
        return cls._build(pieces, options or CorpusOptions(), folder=folder, vocabulary=None, stand_in=None,
                          language=language, progress=False, name=name,
                          source={"kind": "text", "name": name, "encoding": "utf-8"})

    @classmethod
    def embedded(cls, options: CorpusOptions | None = None, *, folder: Path | str | None = None,
                 characters: int = 3_000_000, vocabulary: Vocabulary | None = None, stand_in: str | None = None,
                 progress: bool = False) -> Self:
        """Read Python's own standard library, which every machine that runs this has.

        Args:
            options: how to read it; its encoding is not used, since each source file declares its own.
            folder: where to keep the corpus. Defaults to a temporary folder.
            characters: whole files are taken until the text has as many.
            vocabulary: the characters to encode with, for example a trained network's. Defaults to the text's own.
            stand_in: a character of ``vocabulary`` for those outside it.
            progress: whether to show a bar on a terminal.

        Raises:
            UserError: this Python comes without sources, ``characters`` is not positive, the text holds characters
                outside ``vocabulary``, or the folder cannot be written.
        """
        library = StandardLibrary.of_this_python(characters)
        name = "Python standard library"
        source: dict[str, Any] = {
            "kind": "embedded", "name": name, "encoding": "declared by each file", "files": len(library.files),
            "python": platform.python_version(), "implementation": platform.python_implementation(),
        }
        return cls._build(library, options or CorpusOptions(), folder=folder, vocabulary=vocabulary,
                          stand_in=stand_in, language="python", progress=progress, name=name, source=source)

    @classmethod
    def open(cls, folder: Path | str) -> Self:
        """Open a corpus that was kept in a folder, after reading it once to hold it against its checksums.

        Raises:
            UserError: there is none, or it is damaged or of another format version.
        """
        folder = Path(folder)
        content = read_manifest(folder / MANIFEST, KIND, VERSION)
        codes, ids = open_array(folder / CODES), open_array(folder / IDS)
        try:
            made = Description.of(content)
            length, checksums = made.source["characters"], {name: made.checksums[name] for name in (CODES, IDS)}
        except UserError as error:
            raise UserError(f"{folder / MANIFEST}: not the description of a corpus: {error}") from error
        except (KeyError, TypeError, ValueError) as error:
            raise UserError(f"{folder / MANIFEST}: not the description of a corpus: {error!r:.200}") from error
        for path, array, dtypes in ((folder / CODES, codes, "BHI"), (folder / IDS, ids, made.vocabulary.dtype.char)):
            if array.shape != (length,) or array.dtype.char not in dtypes:
                raise UserError(f"{path}: damaged: {array.dtype} of shape {array.shape}, "
                                f"and {length:,} characters are described in {MANIFEST}")
        for name, sha256 in checksums.items():
            if sha256_of(folder / name) != sha256:
                raise UserError(f"{folder / name}: damaged: its checksum is not the one in {MANIFEST}")
        for name, array, beyond in ((IDS, ids, len(made.vocabulary)), (CODES, codes, sys.maxunicode + 1)):
            if (largest := _largest(array)) >= beyond:
                raise UserError(f"{folder / name}: damaged: holds {largest:,}, and numbers below {beyond:,} are "
                                "accepted")
        return cls(folder, made.options, made.vocabulary, made.files, made.language, made.splits, made.source, ids,
                   codes)

    def __len__(self) -> int:
        return len(self.ids)

    def __reduce__(self) -> tuple[Callable[[Path], Self], tuple[Path]]:
        return type(self).open, (self.folder.resolve(),)

    def document(self, start: int = 0, stop: int | None = None) -> Document:
        """Return characters [start, stop) as a document, reading no others.

        Raises:
            UserError: the range does not lie within the text.
        """
        stop = len(self) if stop is None else stop
        if not 0 <= start <= stop <= len(self):
            raise UserError(f"a part of the text must lie within 0 … {len(self):,}; received {start:,} … {stop:,}")
        return Document(text_of(self.codes[start:stop]), clipped(self.files, start, stop), self.language, start)

    @classmethod
    def _build(cls, text: Pieces, options: CorpusOptions, *, folder: Path | str | None, vocabulary: Vocabulary | None,
               stand_in: str | None, language: Language, progress: bool, name: str, source: dict[str, Any]) -> Self:
        if language not in get_args(Language):
            raise UserError(f"language must be one of {', '.join(get_args(Language))}; received {language!r}")
        found = survey(text, name, options.collapse_spaces, progress)
        if vocabulary is None:
            vocabulary = Vocabulary.from_counts(found.counts, options.min_count)
        kept = Path(folder) if folder is not None else Path(tempfile.mkdtemp(prefix="probe-corpus-"))
        try:
            with whole_files(kept, MANIFEST) as aside:
                write_arrays(text, name, found, vocabulary, stand_in, collapse_spaces=options.collapse_spaces,
                             codes=aside / CODES, ids=aside / IDS, progress=progress)
                splits = split(open_array(aside / CODES), found.files, options.shares)
                write_manifest(aside / MANIFEST, KIND, VERSION, {
                    "options": dataclasses.asdict(options), "vocabulary": vocabulary.to_json(), "language": language,
                    "files": [[file.name, file.start, file.stop] for file in found.files],
                    "splits": {name: [part["start"], part["stop"]]
                               for name, part in dataclasses.asdict(splits).items()},
                    "source": {**source, "bytes": found.bytes, "sha256": found.sha256,
                               "characters": int(found.counts.sum())},
                    "sha256": {name: sha256_of(aside / name) for name in (CODES, IDS)},
                })
            corpus = cls.open(kept)
        except BaseException:
            if folder is None:
                shutil.rmtree(kept, ignore_errors=True)
            raise
        if folder is None:
            weakref.finalize(corpus, shutil.rmtree, kept, ignore_errors=True)
        return corpus


def _largest(array: np.ndarray) -> int:
    """The largest number of an array on disk, -1 if it has none; it is read in parts."""
    return max((int(array[start:start + CHUNK].max()) for start in range(0, len(array), CHUNK)), default=-1)
