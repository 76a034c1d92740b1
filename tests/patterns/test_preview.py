import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from probe.corpus.document import Document
from probe.patterns import DocumentParts, pattern_named, preview


def shown(name: str, text: str) -> list[str]:
    return preview(DocumentParts(Document.of(text)), pattern_named(name)).split("\n")


def test_boolean() -> None:
    assert shown("inside_quotes", "‘Oh!’ said\nhe, ‘no’\n\nso") == [
        "‘Oh!’ said", " ^^^", "he, ‘no’", "     ^^", "", "so", ""]


def test_graded() -> None:
    assert shown("column", "0123456789ab") == ["0123456789ab", " 123456789++", ""]


def test_labelled_breaks_are_shown() -> None:
    assert shown("newline", "a\nb\r\n") == ["a␊", " ^", "b␍␊", " ^^", ""]


def test_tabs_wide_and_combining_characters() -> None:
    assert shown("digit", "a\t1不2") == ["a       1不2", "        ^  ^", ""]
    assert shown("whitespace", "a\tb") == ["a       b", " ^^^^^^^", ""]
    assert shown("letter", "不e\u03011") == ["不e\u03011", "^^^"[:1] + " ^", ""]
    assert shown("letter", "\u0301") == ["◌\u0301", ""]


def test_control_characters_never_reach_the_terminal() -> None:
    assert shown("letter", "\x1b[31m\x00\x07\u202ex\u200d\x9b") == ["␛[31m␀␇·x··", "    ^   ^", ""]


@given(st.text())
def test_is_safe_and_aligned(text: str) -> None:
    result = preview(DocumentParts(Document.of(text)), pattern_named("letter"))
    assert all(c == "\n" or unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Zl", "Zp") for c in result)


def test_a_part_is_labelled_as_in_the_whole() -> None:
    source = DocumentParts(Document.of("‘Oh dear,’ he\nsaid ‘no’"))
    assert preview(source, pattern_named("inside_quotes"), 4, 12) == "dear,’ h\n^^^^^\n"


def test_empty() -> None:
    assert preview(DocumentParts(Document.of("")), pattern_named("letter")) == ""
