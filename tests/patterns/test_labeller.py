import pickle
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
import pytest

from probe.corpus.document import Document, FileSpan, Language
from probe.patterns import Context, DocumentParts, Labeller, Pattern, pattern_named
from probe.patterns.pattern import Group, Kind, Scope
from probe.patterns.segments import Segments


@dataclass(frozen=True)
class Counting(Pattern):
    """Labels characters with the length of what it was given, and counts what it was given."""

    name: ClassVar[str] = "counting"
    meaning: ClassVar[str] = "length of the document"
    group: ClassVar[Group] = "typography"
    kind: ClassVar[Kind] = "graded"
    scope: Scope = "characters"
    before: int = 0
    after: int = 0
    seen: list[str] = field(default_factory=list, compare=False)

    def context_in(self, language: Language) -> Context:
        return Context(self.scope, self.before, self.after)

    def label(self, document: Document) -> np.ndarray:
        self.seen.append(document.text)
        return np.full(len(document), len(document), dtype=np.float32)


@dataclass(frozen=True)
class Neighbour(Pattern):
    """True where the character two after is an x: needs two characters of context."""

    name: ClassVar[str] = "neighbour"
    meaning: ClassVar[str] = "an x follows after one character"
    group: ClassVar[Group] = "typography"
    context: ClassVar[Context] = Context("characters", after=2)

    def label(self, document: Document) -> np.ndarray:
        text = document.text + "  "
        return np.array([text[place + 2] == "x" for place in range(len(document))], dtype=bool)


@dataclass(frozen=True)
class Broken(Pattern):
    name: ClassVar[str] = "broken"
    meaning: ClassVar[str] = "fails"
    group: ClassVar[Group] = "typography"
    context: ClassVar[Context] = Context("characters")
    returned: object = None

    def label(self, document: Document) -> np.ndarray:
        if self.returned is None:
            raise KeyError("oops")
        return np.zeros(len(document), dtype=np.int64)


def source(text: str, language: Language = "prose") -> DocumentParts:
    return DocumentParts(Document.of(text, language=language))


def test_columns_follow_the_order_of_the_patterns() -> None:
    labeller = Labeller([pattern_named("column"), pattern_named("digit"), pattern_named("line_start")], source("a1\n2"))
    np.testing.assert_array_equal(labeller.labels(0, 4), [[0, 0, 1], [1, 1, 0], [2, 0, 0], [0, 1, 1]])


def test_no_patterns_and_no_characters() -> None:
    assert Labeller([], source("abc")).labels(1, 3).shape == (2, 0)
    assert Labeller([pattern_named("digit")], source("")).labels(0, 0).shape == (0, 1)


@pytest.mark.parametrize(("start", "stop"), [(-1, 2), (0, 5), (3, 2)])
def test_range_outside_the_text(start: int, stop: int) -> None:
    with pytest.raises(ValueError, match=r"text of 4 characters"):
        Labeller([pattern_named("digit")], source("abcd")).labels(start, stop)


def test_characters_of_context_reach_over_windows() -> None:
    labels = Labeller([Neighbour()], source("aaaxaaaaxx"), window=4).labels(0, 10)
    assert np.flatnonzero(labels[:, 0]).tolist() == [1, 6, 7]


@pytest.mark.parametrize(("scope", "wanted"), [
    ("line", ["aa\n", "bb\n", "cc\n", "\n", "dd\n", "ee"]),
    ("paragraph", ["aa\nbb\ncc\n\n", "dd\nee"]),
    ("file", ["aa\nbb\n", "cc\n\ndd\nee"]),
    ("document", ["aa\nbb\ncc\n\ndd\nee"]),
])
def test_scopes_stay_whole(scope: Scope, wanted: list[str]) -> None:
    text = "aa\nbb\ncc\n\ndd\nee"
    files = FileSpan("one", 0, 6), FileSpan("two", 6, len(text))
    counting = Counting(scope=scope)
    Labeller([counting], DocumentParts(Document(text, files)), window=1).labels(0, len(text))
    if scope == "paragraph":
        assert counting.seen == ["aa\nbb\n", "cc\n\n", "dd\nee"]  # a file ends a paragraph
    else:
        assert counting.seen == wanted


def test_crlf_is_never_cut() -> None:
    for window in (1, 2, 3):
        counting = Counting(scope="line")
        Labeller([counting], source("a\r\nb\rc\r\n\r\nd"), window=window).labels(0, 11)
        assert "".join(counting.seen) == "a\r\nb\rc\r\n\r\nd"
        assert all(not part.startswith("\n") for part in counting.seen)


@pytest.mark.parametrize("scope", ["line", "paragraph", "file", "document"])
def test_what_is_longer_than_the_limit_is_cut_at_its_multiples(scope: Scope) -> None:
    text = "x" * 1000
    for order in ([0, 999, 500], [999, 0, 500], [500, 999, 0]):
        counting = Counting(scope=scope)
        labeller = Labeller([counting], source(text), window=16, limit=128)
        for position in order:
            labeller.labels(position, position + 1)
        whole = labeller.labels(0, 1000)[:, 0]
        assert whole[:896].tolist() == [128] * 896 and whole[896:].tolist() == [104] * 104


@pytest.mark.parametrize("scope", ["line", "paragraph"])
@pytest.mark.parametrize("lead", range(0, 40, 7))
def test_what_is_as_long_as_the_limit_is_seen_whole(scope: Scope, lead: int) -> None:
    text = "a" * lead + "\n\n" + "x" * 110 + "\n\n" + "b" * 60
    counting = Counting(scope=scope)
    Labeller([counting], source(text), window=16, limit=128).labels(0, len(text))
    assert any("x" * 110 in part for part in counting.seen)


def test_interleaved_readers_label_each_character_once() -> None:
    text = ("word " * 20 + "\n\n") * 400
    counting = Counting(scope="paragraph")
    labeller = Labeller([counting], source(text), window=1024)
    size = len(text) // 64
    for step in range(0, size, 32):
        for stream in range(64):
            labeller.labels(stream * size + step, min(stream * size + step + 32, stream * size + size))
    assert sum(map(len, counting.seen)) <= len(text)


@dataclass(frozen=True)
class Wide(Counting):
    """Labels that need two bytes each."""

    def label(self, document: Document) -> np.ndarray:
        self.seen.append(document.text)
        return np.arange(len(document), dtype=np.float32) % 1024


@pytest.mark.parametrize(("scope", "longest"), [("line", 1 << 17), ("paragraph", 1 << 17), ("file", 1 << 20),
                                                ("document", 1 << 20)])
def test_readers_far_apart_in_a_text_without_breaks_cost_no_more_than_one(scope: Scope, longest: int) -> None:
    text = "word " * 2_000_000
    patterns = [Wide(scope=scope, seen=seen) for seen in ([], [], [])]
    labeller = Labeller(patterns, source(text))
    size = len(text) // 64
    for step in (0, 300, 700, 1100):
        for stream in range(64):
            labeller.labels(stream * size + step, stream * size + step + 400)
    for pattern in patterns:
        assert max(map(len, pattern.seen)) <= longest
        assert sum(map(len, pattern.seen)) <= len(text) + longest
    assert labeller._bytes == 2 * sum(sum(map(len, pattern.seen)) for pattern in patterns)


@pytest.mark.parametrize("scope", ["line", "paragraph", "file"])
def test_what_a_person_writes_in_one_piece_is_seen_whole(scope: Scope) -> None:
    piece = "x" * (1_000_000 if scope == "file" else 120_000)
    text = "a\n\n" + piece + "\n\nb"
    files = (FileSpan("a", 0, 3), FileSpan("piece", 3, len(text) - 1), FileSpan("b", len(text) - 1, len(text)))
    counting = Counting(scope=scope)
    Labeller([counting], DocumentParts(Document(text, files))).labels(0, len(text))
    assert any(piece in part for part in counting.seen)


def test_memory_is_bounded() -> None:
    text = "x\n" * 5000
    counting = Counting(scope="line")
    labeller = Labeller([counting], source(text), window=100, cache_bytes=100 * 3)
    labeller.labels(0, 10_000)
    read = len(counting.seen)
    labeller.labels(9_700, 10_000)
    assert len(counting.seen) == read  # the last three windows are still kept
    labeller.labels(0, 100)
    assert len(counting.seen) == read + 1  # the first is not
    assert sum(each.nbytes for kept in labeller._kept.values() for each in kept) == labeller._bytes == 100 * 3


def test_what_was_used_last_is_kept() -> None:
    counting = Counting(scope="line")
    labeller = Labeller([counting], source("x\n" * 5000), window=100, cache_bytes=100 * 2)
    for position in (0, 100, 0, 200, 0):
        labeller.labels(position, position + 1)
    assert len(counting.seen) == 3


def in_turn(labeller: Labeller, length: int, readers: int = 32, step: int = 8) -> None:
    """Let readers go through equal stretches of a text in turn."""
    stretch = length // readers
    for first in range(0, stretch, step):
        labeller.new_round()
        for start in range(first, length, stretch):
            labeller.labels(start, start + step)


def test_readers_in_turn_label_nothing_twice_where_their_segments_exceed_the_cache() -> None:
    text = "x" * (32 * 256)
    counting = Counting(scope="line")
    labeller = Labeller([counting], source(text), window=16, limit=128, cache_bytes=3 * 128)
    in_turn(labeller, len(text))
    assert sum(map(len, counting.seen)) == len(text)
    assert labeller._bytes <= 2 * 32 * 128  # what was read in the last two rounds and no more


def test_memory_of_readers_in_turn_is_bounded() -> None:
    text = "x" * (32 * 256)
    labeller = Labeller([Counting(scope="line")], source(text), window=16, limit=128, cache_bytes=3 * 128,
                        side_by_side_bytes=10 * 128)
    in_turn(labeller, len(text))
    assert labeller._bytes <= 10 * 128
    assert labeller._kept.keys() == labeller._used.keys()


@pytest.mark.parametrize("scope", ["line", "paragraph", "file"])
def test_cuts_that_were_forgotten_are_found_again(scope: Scope, monkeypatch: pytest.MonkeyPatch) -> None:
    text = ("aa bb\n" * 5 + "\n" + "x" * 300 + "\n\n") * 9
    of_text = DocumentParts(Document(text, (FileSpan("one", 0, 400), FileSpan("two", 400, len(text)))))
    remembering = Segments(of_text, scope, 16, 128)
    wanted = [remembering.around(position) for position in range(len(text))]
    monkeypatch.setattr("probe.patterns.segments.REMEMBERED", 7)
    forgetting = Segments(of_text, scope, 16, 128)
    for position in (*range(0, len(text), 5), *range(len(text) - 1, 0, -3)):
        assert forgetting.around(position) == wanted[position]
        assert max(len(forgetting._cuts), len(forgetting._breaks)) <= 7


def test_patterns_of_one_context_share_documents_and_languages_differ() -> None:
    brackets = pattern_named("bracket_depth")
    text = "f(\n\na)"
    assert Labeller([brackets], source(text)).labels(0, 6)[:, 0].tolist() == [0, 0, 0, 0, 0, 0]
    assert Labeller([brackets], source(text, "python"), window=1).labels(0, 6)[:, 0].tolist() == [0, 0, 1, 1, 1, 0]


def test_pickles_without_its_memory() -> None:
    labeller = Labeller([pattern_named("inside_quotes")], source("‘Oh,’ he said. " * 5000), window=64)
    small = len(pickle.dumps(labeller))
    wanted = labeller.labels(0, 50_000)
    assert len(pickle.dumps(labeller)) == small
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(labeller)).labels(0, 50_000), wanted)


def test_failures_name_the_pattern_and_the_place() -> None:
    with pytest.raises(RuntimeError, match=r"pattern 'broken' failed on characters \[4, 8\): 'oops'"):
        Labeller([Broken()], source("abcdefgh"), window=4).labels(5, 6)
    with pytest.raises(ValueError, match=r"'broken' must return bool of shape \(3,\); received int64"):
        Labeller([Broken(returned=0)], source("abc")).labels(0, 1)
