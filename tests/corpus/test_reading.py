import codecs
import gzip
import os
import re
import tracemalloc
import zipfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from probe.corpus import Corpus, CorpusOptions, FileSpan, Vocabulary, decoding
from probe.errors import UserError

PROSE = "“Curiouser and curiouser!” cried Alice.\n\nShe was so much surprised,\r\nété – naïve 😀\n"


def write(folder, content, encoding="utf-8", name="text.txt"):
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
    return path


def refused(path, **options):
    with pytest.raises(UserError) as caught:
        Corpus.read(path, CorpusOptions(**options))
    message = str(caught.value)
    assert str(path) in message
    assert "\n" not in message
    return message


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-be",
                                      "gb18030", "utf-7"])
def test_a_text_is_read_as_it_is_in_any_encoding(tmp_path, encoding):
    corpus = Corpus.read(write(tmp_path, PROSE, encoding), CorpusOptions(encoding=encoding))
    assert corpus.document().text == PROSE
    assert corpus.vocabulary.decode(corpus.ids) == PROSE
    assert len(corpus) == len(PROSE)


@pytest.mark.parametrize(("encoding", "mark"), [
    ("utf-8", codecs.BOM_UTF8), ("utf-8-sig", codecs.BOM_UTF8), ("utf-16-le", codecs.BOM_UTF16_LE),
    ("utf-16-be", codecs.BOM_UTF16_BE), ("utf-32-le", codecs.BOM_UTF32_LE),
])
def test_a_byte_order_mark_is_no_character(tmp_path, encoding, mark):
    body = PROSE.encode("utf-8" if encoding == "utf-8-sig" else encoding)
    corpus = Corpus.read(write(tmp_path, mark + body), CorpusOptions(encoding=encoding))
    assert corpus.document().text == PROSE


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32-le", "gb18030"])
def test_blocks_may_cut_characters(tmp_path, monkeypatch, encoding):
    text = PROSE * 20
    path = write(tmp_path, text, encoding)
    for size in (3, 5, 7, 64):
        monkeypatch.setattr(decoding, "iterate_bytes", lambda path, size=size: blocks_of(path, size))
        assert Corpus.read(path, CorpusOptions(encoding=encoding)).document().text == text


def blocks_of(path, size):
    raw = path.read_bytes()
    return (raw[i:i + size] for i in range(0, len(raw), size))


PRINTABLE = st.characters(min_codepoint=32, exclude_categories=["Cs"], exclude_characters="\x7f\ufeff")


@settings(max_examples=40)
@given(text=st.text(PRINTABLE, min_size=3), data=st.data())
def test_any_range_decodes_to_its_characters(tmp_path_factory, text, data):
    folder = tmp_path_factory.mktemp("range")
    corpus = Corpus.read(write(folder, text), folder=folder / "corpus")
    start = data.draw(st.integers(0, len(text)))
    stop = data.draw(st.integers(start, len(text)))
    part = corpus.document(start, stop)
    assert part.text == text[start:stop]
    assert part.files == (() if start == stop else (FileSpan("text.txt", 0, stop - start),))


@pytest.mark.parametrize(("text", "dtype"), [("abc" * 9, np.uint8), ("abcé" * 9, np.uint8), ("ab“" * 9, np.uint16),
                                             ("ab😀" * 9, np.uint32)])
def test_code_points_are_kept_as_narrow_as_they_go(tmp_path, text, dtype):
    corpus = Corpus.read(write(tmp_path, text))
    assert corpus.codes.dtype == dtype
    assert isinstance(corpus.ids, np.memmap)
    assert corpus.ids.dtype == np.uint8
    assert corpus.document().text == text


@pytest.mark.parametrize("size", [1, 2, 3, 1000])
def test_runs_of_spaces_become_one_across_blocks(tmp_path, monkeypatch, size):
    monkeypatch.setattr(decoding, "iterate_bytes", lambda path: blocks_of(path, size))
    text = "  a  b c    \n  \t  d" + "   "
    corpus = Corpus.read(write(tmp_path, text), CorpusOptions(collapse_spaces=True))
    assert corpus.document().text == re.sub(" +", " ", text)
    assert corpus.source["characters"] == len(corpus)
    assert corpus.source["bytes"] == len(text)


def test_rare_characters_are_unknown_in_the_ids_and_themselves_in_the_document(tmp_path):
    corpus = Corpus.read(write(tmp_path, "aaabbbécab"), CorpusOptions(min_count=2))
    assert corpus.vocabulary == Vocabulary(("a", "b"), unknown=True)
    assert corpus.ids.tolist() == [0, 0, 0, 1, 1, 1, 2, 2, 0, 1]
    assert corpus.document().text == "aaabbbécab"


def test_another_vocabulary_with_and_without_a_stand_in(tmp_path, monkeypatch):
    monkeypatch.setattr(decoding, "iterate_bytes", lambda path: blocks_of(path, 4))
    path = write(tmp_path, "abcabé“cabé")
    vocabulary = Vocabulary(("a", "b", "c"))
    with pytest.raises(UserError, match=re.escape("'\\xe9' (U+00E9) at position 5 is not in the vocabulary of 3 "
                                                  "characters (3 such in the text)")):
        Corpus.read(path, vocabulary=vocabulary)
    corpus = Corpus.read(path, vocabulary=vocabulary, stand_in="c")
    assert corpus.vocabulary is not None
    assert corpus.vocabulary.decode(corpus.ids) == "abcabcccabc"
    assert corpus.document().text == "abcabé“cabé"


@pytest.mark.parametrize("block", [4, 1 << 20])
@pytest.mark.parametrize(("encoding", "place"), [
    ("utf-8", r"byte 12 \(line 3\)"), ("utf-16", "byte 26"), ("shift_jis", r"byte 12 \(line 3\)"),
    ("ascii", r"byte 12 \(line 3\)"),
])
def test_a_wrong_byte_is_told_with_its_place(tmp_path, monkeypatch, encoding, place, block):
    monkeypatch.setattr(decoding, "iterate_bytes", lambda path: blocks_of(path, block))
    good = "abc\nabcd\nabc"
    wrong = "\ud83d".encode("utf-16-le", "surrogatepass") if encoding == "utf-16" else b"\xff"
    rest = "xyz\n".encode("utf-16-le" if encoding == "utf-16" else "ascii")
    path = write(tmp_path, good.encode(encoding) + wrong + rest)
    message = refused(path, encoding=encoding)
    assert re.search(f"not {encoding}: 0x[0-9a-f]{{2}} at {place}", message)


def test_the_hint_names_an_encoding_that_reads_it(tmp_path):
    assert "try --encoding cp1252" in refused(write(tmp_path, "naïve café", "cp1252"))
    assert "try --encoding utf-8" in refused(write(tmp_path, "naïve café", "utf-8"), encoding="ascii")
    assert "try --encoding latin-1" in refused(write(tmp_path, b"caf\xe9 \x81 more text to read"))


def test_a_text_cut_inside_its_last_character_is_refused(tmp_path):
    message = refused(write(tmp_path, "abc “".encode()[:-1]))
    assert "at byte 4 (line 1)" in message


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32"])
def test_a_wide_text_read_as_utf8_is_recognised_by_its_mark(tmp_path, encoding):
    assert f"try --encoding {encoding}" in refused(write(tmp_path, PROSE, encoding))


def test_a_utf16_text_without_its_mark_is_refused(tmp_path):
    assert "not utf-16" in refused(write(tmp_path, PROSE, "utf-16-le"), encoding="utf-16")


def test_files_that_are_no_text_are_told_what_they_are(tmp_path):
    assert "is a gzip archive" in refused(write(tmp_path, gzip.compress(b"abc" * 100)))
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("a.txt", "abc")
    assert "is a zip archive" in refused(tmp_path / "a.zip")
    assert "is a PNG image" in refused(write(tmp_path, b"\x89PNG\r\n\x1a\nabc"))
    assert "looks binary" in refused(write(tmp_path, np.random.default_rng(0).bytes(5000)))
    assert "looks binary" in refused(write(tmp_path, "a text with one \0 inside" * 9))
    assert "looks binary" in refused(write(tmp_path, b"a" * 200_000 + b"\0" + b"b" * 10))
    assert "looks binary" in refused(write(tmp_path, b"a" * 80_000 + b"\x01\x02" * 2_000))
    assert "looks binary" in refused(write(tmp_path, "a\0b" * 20, "utf-16"), encoding="utf-16")


def test_the_controls_of_real_texts_are_accepted(tmp_path):
    text = "page one\f\x1b[1mbold\x1b[0m\ttab\v\r\n" * 5
    assert Corpus.read(write(tmp_path, text)).document().text == text
    mainframe = Corpus.read(write(tmp_path, "line\n" * 50, "cp037"), CorpusOptions(encoding="cp037"))
    assert mainframe.document().text == "line\n" * 50


@pytest.mark.parametrize(("content", "what"), [(b"", "is empty"), (b"a", "one character"),
                                               (codecs.BOM_UTF8, "no character")])
def test_texts_of_nothing_are_refused(tmp_path, content, what):
    assert what in refused(write(tmp_path, content))


def test_what_is_no_file_is_refused(tmp_path):
    assert "no such file" in refused(tmp_path / "missing.txt")
    assert "is a folder" in refused(tmp_path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_is_refused_rather_than_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    assert "pipe" in refused(tmp_path / "pipe")


@pytest.mark.parametrize("second", ["abcabcabd", "abcabcab", "abcabcabz", "é“😀" * 9])
def test_a_file_that_changes_between_the_passes_is_noticed(tmp_path, monkeypatch, second):
    path = write(tmp_path, "abcabcabc" + "abd")
    contents = iter([path.read_bytes(), second.encode()])
    monkeypatch.setattr(decoding, "iterate_bytes", lambda path: iter([next(contents)]))
    with pytest.raises(UserError, match="changed while it was being read"):
        Corpus.read(path, folder=tmp_path / "corpus")
    with pytest.raises(UserError, match="no such file"):
        Corpus.open(tmp_path / "corpus")


def test_memory_stays_bounded_for_a_long_text(tmp_path):
    path = tmp_path / "long.txt"
    block = (PROSE * 10_000).encode()
    with open(path, "wb") as file:
        for _ in range(40):
            file.write(block)
    size = path.stat().st_size
    assert size > 35_000_000
    tracemalloc.start()
    corpus = Corpus.read(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    # The counts of all code points take 9 MB, a block and its arrays some tens more; the text as a list takes 300.
    assert peak < 45_000_000
    assert len(corpus) == 40 * 10_000 * len(PROSE)
    assert corpus.document(len(corpus) - len(PROSE)).text == PROSE


@pytest.mark.parametrize("further", [{}, {"vocabulary": Vocabulary(("a", "b")), "stand_in": "a"}])
def test_half_a_surrogate_pair_is_no_character(further, tmp_path):
    (tmp_path / "book.txt").write_bytes(b"ab+2AA-ba" * 9)
    with pytest.raises(UserError, match=r"book.txt: holds half a surrogate pair, U\+D800"):
        Corpus.read(tmp_path / "book.txt", CorpusOptions(encoding="utf-7"), **further)
