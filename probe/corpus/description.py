"""What the manifest of a kept corpus says, held to its form: it may be a stranger's."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self, get_args

from probe.corpus.document import FileSpan, Language
from probe.corpus.options import CorpusOptions
from probe.corpus.splits import Segment, Splits
from probe.corpus.vocabulary import Vocabulary

SOURCE = {"kind": str, "name": str, "encoding": str, "sha256": str, "bytes": int, "characters": int}


@dataclass(frozen=True)
class Description:
    """A corpus without its arrays; fields as of :class:`~probe.corpus.Corpus`.

    Attributes:
        checksums: file name → sha256 of its bytes.
    """

    options: CorpusOptions
    vocabulary: Vocabulary
    files: tuple[FileSpan, ...]
    language: Language
    splits: Splits
    source: dict[str, Any]
    checksums: Mapping[str, str]

    @classmethod
    def of(cls, content: Mapping[str, Any]) -> Self:
        """Return what the content of a manifest says.

        Raises:
            KeyError, TypeError, ValueError, UserError: it is not the description of a corpus.
        """
        source, language = content["source"], content["language"]
        for name, kind in SOURCE.items():
            if type(source[name]) is not kind or (kind is int and source[name] < 0):
                raise ValueError(f"source.{name} is {source[name]!r:.40}")
        if language not in get_args(Language):
            raise ValueError(f"language must be one of {get_args(Language)}; received {language!r:.40}")
        length = source["characters"]
        return cls(CorpusOptions(**content["options"]), Vocabulary.from_json(content["vocabulary"]),
                   _files(content["files"], length), language, _splits(content["splits"], length), dict(source),
                   dict(content["sha256"]))


def _files(spans: Any, length: int) -> tuple[FileSpan, ...]:
    files, last = [], 0
    for name, start, stop in spans:
        if not isinstance(name, str) or not _is_within(start, stop, last, length):
            raise ValueError(f"a file cannot be {[name, start, stop]!r:.80}")
        files.append(FileSpan(name, start, stop))
        last = stop
    return tuple(files)


def _splits(parts: Any, length: int) -> Splits:
    segments, last = {}, 0
    for name in ("train", "validation", "test"):
        start, stop = parts[name]
        if not _is_within(start, stop, last, length) or start != last:
            raise ValueError(f"the split {name} cannot be {[start, stop]!r:.80}")
        segments[name], last = Segment(start, stop), stop
    if last != length:
        raise ValueError(f"the splits end at {last:,} of {length:,} characters")
    return Splits(**segments)


def _is_within(start: Any, stop: Any, first: int, last: int) -> bool:
    return type(start) is int and type(stop) is int and first <= start <= stop <= last
