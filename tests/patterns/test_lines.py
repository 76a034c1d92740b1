import pytest

from probe.corpus.document import Document, FileSpan
from probe.patterns import pattern_named
from tests.patterns.aligned import labels_of


@pytest.mark.parametrize(("name", "wanted"), [
    ("line_start", "100011001001"),
    ("line_end", "010000100101"),
    ("blank_line", "000011110000"),
    ("column", "012300120120"),
    ("paragraph_start", "100000001000"),
    ("newline", "001110010010"),
])
def test_all_breaks(name: str, wanted: str) -> None:
    text = "ab\r\n\n \t\ncd\re"
    assert "".join(str(int(label)) for label in labels_of(name, text)) == wanted


@pytest.mark.parametrize(("name", "wanted"), [
    ("line_start", "101010"),
    ("line_end", "010101"),
    ("column", "010101"),
    ("paragraph_start", "101010"),
])
def test_files_end_lines(name: str, wanted: str) -> None:
    document = Document("abcdef", (FileSpan("a", 0, 2), FileSpan("b", 2, 4), FileSpan("c", 4, 6)))
    assert "".join(str(int(label)) for label in pattern_named(name).label(document)) == wanted
