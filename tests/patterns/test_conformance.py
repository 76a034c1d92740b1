"""What every pattern of the registry must hold, whatever the text."""

import dataclasses
import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from probe.corpus.document import Document, FileSpan, Language
from probe.patterns import PATTERNS, DocumentParts, Labeller, Pattern, patterns_for

PIECES = [
    "a", "b", "B", "I", "y", "s", "o", "é", "e\u0301", "\u0301", "\u200d", "\u00ad", "א", "ع", "不", "。", "😀", "ǅ",
    "\n", "\n\n", "\n \n", "\r\n", "\r", "\t", " ", "  ", "\x00", "\x0c", "\x1b", "\u2028", "\ufeff", "\ud800",
    ".", "!", "...", ",", "-", "--", "'", "’", "‘", "“", "”", '"', "„", "«", "»", "(", ")", "[", "]", "{",
    "em", "tis", "Mr", "i.e", "U.S", "No", "1", "0.5", "#", "_", "\\", ":", ";", "=", "$", "`",
    "import a\n", "from . import ", "self", "__x__", "http://a", "www.", "ß", "SS", "?",
    "def f(x):\n", "class A:\n", "async ", "    ", "\n    ", "\n  ", "'''", '"""', "f'{x}'", "@a\n", "if a:\n", "b''",
]
CASES = [(entry, language) for entry in PATTERNS.values() for language in entry.languages]


@st.composite
def documents(draw: st.DrawFn, language: Language) -> Document:
    text = "".join(draw(st.lists(st.sampled_from(PIECES), max_size=40)))
    edges = [0, *sorted(draw(st.lists(st.integers(0, len(text)), max_size=3))), len(text)]
    files = tuple(FileSpan(f"{start}.txt", start, stop) for start, stop in zip(edges, edges[1:], strict=False))
    return Document(text, files, language)


def dtype_of(entry: Pattern) -> np.dtype:
    return np.dtype(bool if entry.kind == "boolean" else np.float32)


@pytest.mark.parametrize("entry", PATTERNS.values(), ids=PATTERNS)
def test_describes_itself(entry: Pattern) -> None:
    assert entry.name.isidentifier() and entry.name == entry.name.lower()
    assert entry.meaning and "\n" not in entry.meaning
    assert entry.kind in ("boolean", "graded")
    assert set(entry.languages) <= {"prose", "python"} and entry.languages
    assert dataclasses.is_dataclass(entry) and entry == type(entry)() and hash(entry) == hash(type(entry)())
    assert pickle.loads(pickle.dumps(entry)) == entry


@pytest.mark.parametrize(("entry", "language"), CASES)
@pytest.mark.parametrize("text", ["", "a", "\n", "\u0301", "“", ")", "\r", "😀"])
def test_smallest_texts(entry: Pattern, language: Language, text: str) -> None:
    labels = entry.label(Document.of(text, language=language))
    assert labels.shape == (len(text),) and labels.dtype == dtype_of(entry)


@pytest.mark.parametrize("language", ["prose", "python"])
@settings(max_examples=120, deadline=None)
@given(data=st.data())
def test_labels_are_the_same_for_any_blocks(language: Language, data: st.DataObject) -> None:
    document = data.draw(documents(language))
    patterns = patterns_for(language)
    whole = [entry.label(document) for entry in patterns]
    for entry, labels in zip(patterns, whole, strict=True):
        assert labels.shape == (len(document),) and labels.dtype == dtype_of(entry)
        assert np.isfinite(labels).all() and (labels >= 0).all()
        np.testing.assert_array_equal(labels, entry.label(document), entry.name)

    window, kept = data.draw(st.sampled_from([1, 4, 16])), data.draw(st.sampled_from([0, 500, 1 << 20]))
    labeller = Labeller(patterns, DocumentParts(document), window=window, limit=1 << 12, cache_bytes=kept)
    cuts = sorted({0, len(document), *data.draw(st.lists(st.integers(0, len(document)), max_size=4))})
    blocks = data.draw(st.permutations(list(zip(cuts, cuts[1:], strict=False))))
    for start, stop in blocks:
        labels = labeller.labels(start, stop)
        assert labels.shape == (stop - start, len(patterns)) and labels.dtype == np.float32
        for column, entry in enumerate(patterns):
            np.testing.assert_array_equal(labels[:, column], whole[column][start:stop].astype(np.float32), entry.name)


@pytest.mark.parametrize("language", ["prose", "python"])
def test_every_pattern_occurs(language: Language) -> None:
    prose = "  Dr. Li said, “I ‘saw’ 2 + 2.” ‘No,’ HE said (to Bo).\n\n  \nYes? Don’t! “Go-oo” www.a.b\n"
    code = ('import os\n@cache\ndef f(a):\n    """Doc."""\n    # note, www.a.b. Too? No!\n    self.__a__ -= 1\n'
            '    return g(f"{a}", 2 + 1)\n\nABC = f(1)\n')
    document = Document.of(prose if language == "prose" else code, language=language)
    for entry in patterns_for(language):
        labels = entry.label(document)
        assert labels.any() and not labels.all(), entry.name
