from hypothesis import given
from hypothesis import strategies as st

from probe.corpus import Document, FileSpan

DOCUMENT = Document("aaabbbbcc", (FileSpan("a", 0, 3), FileSpan("b", 3, 7), FileSpan("c", 7, 9)), "python")


@given(st.integers(0, 9), st.integers(0, 9))
def test_a_part_keeps_the_files_of_its_characters(start, stop):
    part = DOCUMENT.part(start, stop)
    assert part.text == DOCUMENT.text[start:stop]
    assert "".join(file.name * (file.stop - file.start) for file in part.files) == part.text
    assert part.language == "python"


def test_one_string_is_a_document_of_one_file():
    document = Document.of("abc", "x.py", "python")
    assert document.files == (FileSpan("x.py", 0, 3),)
    assert len(document) == 3
