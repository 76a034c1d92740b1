"""Texts that no file holds."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probe.corpus import Corpus
from probe.errors import UserError


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], include_characters="\r\n\t"), min_size=3))
def test_a_string_is_kept_as_it_is(text):
    corpus = Corpus.of(text, "a poem")
    assert corpus.document().text == text
    assert corpus.vocabulary.decode(corpus.ids) == text
    assert corpus.source == {"kind": "text", "name": "a poem", "encoding": "utf-8", "bytes": len(text.encode()),
                             "characters": len(text), "sha256": hashlib.sha256(text.encode()).hexdigest()}
    assert [(file.name, file.stop) for file in corpus.files] == [("a poem", len(text))]


def test_a_long_string_is_read_in_blocks(monkeypatch):
    monkeypatch.setattr("probe.corpus.in_memory.BLOCK", 7)
    text = "😀 and so on, and on\r\n" * 20
    assert Corpus.of(text).document().text == text


def test_it_is_kept_where_asked(tmp_path):
    Corpus.of("a text\n" * 9, folder=tmp_path / "kept", language="python")
    again = Corpus.open(tmp_path / "kept")
    assert (again.document().text, again.language) == ("a text\n" * 9, "python")


@pytest.mark.parametrize(("text", "words"), [("", "holds no character"), ("a", "holds one character"),
                                             ("ab\0" * 9, "looks binary"), ("a\ud800b" * 9, "half a surrogate pair")])
def test_what_is_no_text_is_refused(text, words):
    with pytest.raises(UserError, match=words):
        Corpus.of(text)
