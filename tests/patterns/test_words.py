import pytest

from probe.corpus.document import Document, FileSpan
from probe.patterns import pattern_named
from tests.patterns.aligned import check, labels_of

TEXT = "I don’t; the rabbit-hole_x's 3rd 'go'"


def test_starts_and_ends() -> None:
    check("word_start", f"{TEXT}\n^ ^      ^   ^      ^    ^   ^    ^")
    check("word_end", f"{TEXT}\n^     ^    ^      ^    ^   ^   ^   ^")


@pytest.mark.parametrize(("text", "start", "end", "place", "length"), [
    ("e\u0301te\u0301", "11000", "00011", "11233", "33333"),
    ("\u0301a", "01", "01", "01", "01"),
    ("a\n\u0301b", "1001", "1001", "1001", "1001"),
    ("😀\ufe0f a", "0001", "0001", "0001", "0001"),
    ("שלום", "1000", "0001", "1234", "4444"),
    ("می\u200cرود", "100000", "000001", "122345", "555555"),
    ("l’’x ’a'", "10010010", "10010010", "10010010", "10010010"),
    ("a'", "10", "10", "10", "10"),
    ("不是", "10", "01", "12", "22"),
])
def test_unicode(text: str, start: str, end: str, place: str, length: str) -> None:
    cases = {"word_start": start, "word_end": end, "position_in_word": place, "word_length": length}
    for name, wanted in cases.items():
        assert "".join(str(int(label)) for label in labels_of(name, text)) == wanted, name


def test_files_end_words() -> None:
    document = Document("abcd’ef", (FileSpan("a", 0, 2), FileSpan("b", 2, 4), FileSpan("c", 4, 7)))
    assert pattern_named("position_in_word").label(document).tolist() == [1, 2, 1, 2, 0, 1, 2]
    document = Document("a\u0301b", (FileSpan("a", 0, 1), FileSpan("b", 1, 3)))
    assert pattern_named("position_in_word").label(document).tolist() == [1, 0, 1]


def test_capitals() -> None:
    check("capitalised_word", """
Alice took DRINK-me, iPhone, I’m Élan 5A
^^^^^      ^^^^^             ^^^ ^^^^
""")
    check("all_caps_word", """
Alice I DRINK-me OURS’ DON’T ABc A1B ÉÀ A1 不是
        ^^^^^    ^^^^  ^^^^^     ^^^ ^^
""")
