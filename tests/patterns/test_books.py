"""Whole books: what a reader would count there."""

import re
from functools import lru_cache
from pathlib import Path

import numpy as np
import pytest

from probe.corpus.document import Document
from probe.files import read_bytes
from probe.patterns import pattern_named
from probe.patterns.quotation import quotations

CORPORA = Path(__file__).resolve().parents[2].parent / "shared" / "corpora"


@lru_cache
def book(name: str) -> Document:
    path = CORPORA / f"{name}.txt"
    if not path.exists():
        pytest.skip(f"{path.name} is not here")
    return Document.of(read_bytes(path).decode("utf-8"))


def test_alice_speaks_a_third_of_her_book() -> None:
    document = book("alice")
    assert 0.30 < pattern_named("inside_quotes").label(document).mean() < 0.42
    found = quotations(document)
    written = document.text.count("‘") + document.text.count("“")
    assert 0 <= written - found.opened.sum() <= 10  # but for ‘em, ‘tis and “ typed for ”
    assert (found.opened & ~found.closed).sum() <= 12
    assert (found.inner.stops - found.inner.starts).max() < 1000


def test_no_apostrophe_of_alice_is_a_mark() -> None:
    document = book("alice")
    closing, opening = pattern_named("closing_quote").label(document), pattern_named("opening_quote").label(document)
    inside_words = [match.start() for match in re.finditer(r"(?<=[a-zA-Z])’(?=[a-zA-Z])", document.text)]
    assert len(inside_words) == 648
    assert not closing[inside_words].any() and not opening[inside_words].any()
    elided = [match.start(1) for match in re.finditer(r"([‘’])(?:em|[Tt]is|TIS)\b", document.text)]
    assert len(elided) == 8 and not closing[elided].any() and not opening[elided].any()


@pytest.mark.parametrize(("passage", "quoted"), [
    ("with the words ‘DRINK ME’ beautifully printed on it", ["DRINK ME"]),
    ("‘THAT you won’t’ thought Alice, and", ["THAT you won’t"]),
    ("‘They all can,’ said the Duchess; ‘and most of ‘em do.’", ["They all can,", "and most of ‘em do."]),
    ("However, ‘jury-men’ would have done\njust as well.", ["jury-men"]),
    ("‘and how funny it’ll seem", ["and how funny it’ll seem"]),
    ("seem to be”--or if you’d like it put more\nsimply", ["seem to be”--or if you’d like it put more\nsimply"]),
    ("Alice a little timidly: ‘but it’s no use", ["but it’s no use"]),
])
def test_places_in_alice(passage: str, quoted: list[str]) -> None:
    document = book("alice")
    start = document.text.index(passage)
    labels = pattern_named("inside_quotes").label(document)[start:start + len(passage)]
    edges = np.flatnonzero(np.diff(np.concatenate([[False], labels, [False]])))
    assert [passage[first:last] for first, last in edges.reshape(-1, 2)] == quoted


def test_war_and_peace_uses_every_double_mark() -> None:
    document = book("war_and_peace")
    found = quotations(document)
    closed = found.closed.sum() - (found.single & found.closed).sum()
    assert (~found.single).sum() + closed == document.text.count('"')
    unclosed = ~found.single & ~found.closed
    odd = sum(part.count('"') % 2 for part in re.split(r"\r\n[ \t]*\r\n", document.text))
    assert unclosed.sum() == odd


def test_sentences_of_alice() -> None:
    document = book("alice")
    starts = np.flatnonzero(pattern_named("sentence_start").label(document))
    first = [document.text[place:place + 12].split()[0] for place in starts]
    assert 1300 < len(starts) < 1700
    assert sum(word[0].islower() for word in first) < 0.02 * len(first)


def test_shakespeare_is_full_of_apostrophes_not_of_quotes() -> None:
    assert pattern_named("inside_quotes").label(book("shakespeare")).mean() < 0.02
