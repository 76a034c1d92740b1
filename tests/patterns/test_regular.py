"""Regular expressions: what they label, in which pieces of a text, and that none of them can hang."""

import os
import pickle
import signal
import threading
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from probe.corpus.document import Document, FileSpan
from probe.errors import UserError
from probe.patterns import DocumentParts, Labeller, RegularExpression, searching
from probe.patterns.spans import Spans


def labelled(expression: str, text: str) -> str:
    labels = RegularExpression.of("x", expression).label(Document.of(text))
    assert labels.shape == (len(text),) and labels.dtype == bool
    return "".join(c if label else "." for c, label in zip(text, labels.tolist(), strict=True))


@pytest.mark.parametrize(("expression", "text", "wanted"), [
    (r"https?://\S+", "to http://a.b, so", "...http://a.b,..."),
    (r"Mr\. (?P<who>\w+)", "Mr. Li, Mr. Wu", "....Li......Wu"),
    (r"(?P<a>x)|(?P<b>y)z", "x yz z", "x.y..."),
    (r"(?P<pair>a)b|c", "ab c", "a..."),
    (r"(a)b", "ab", "ab"),
    (r"x*", "axxb", ".xx."),
    (r"a.c", "a\nc abc", "....abc"),
    (r"^\w|\w$", "ab cd\nef", "a...d.ef"),
    (r"😀.", "a😀b\ud800", ".😀b."),
    (r"$", "ab", ".."),
    ("(?i)ÄB", "äb", "äb"),
])
def test_labels(expression: str, text: str, wanted: str) -> None:
    assert labelled(expression, text) == wanted


@pytest.mark.parametrize(("expression", "wanted"), [
    ("a.*b", "line"), (r"a\wb", "line"), (r"a\nb", "paragraph"), (r"a\s", "paragraph"), ("[^x]", "paragraph"),
    ("a\nb", "paragraph"), (r"a\W", "paragraph"), ("(?s)a.b", "file"), ("(?is)a", "file"),
])
def test_context(expression: str, wanted: str) -> None:
    assert RegularExpression.of("x", expression).context.scope == wanted


def test_pieces_are_searched_each_by_itself() -> None:
    assert labelled(r"(?<!x)b$", "x\nb\r\nxb") == "..b....."[:7]
    assert labelled(r"a[^c]*c", "a b\nc a\n\nb c") == "a b\nc......."[:12]
    assert labelled(r"(?s)a.*c", "a b\n\nb c") == "a b\n\nb c"
    files = Document("aab", (FileSpan("1", 0, 1), FileSpan("2", 1, 3)))
    for expression in ("aa", "(?s)aa", r"a\Wa|aa"):
        assert not RegularExpression.of("x", expression).label(files).any()


PIECES = ["a", "b", " ", "\n", "\n\n", "\r\n", "\r", "\n \n", "1"]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=30).map("".join), st.data())
def test_labels_are_the_same_for_any_blocks(text: str, data: st.DataObject) -> None:
    patterns = [RegularExpression.of("x", e) for e in ("a+b", r"^\s*a", "a[^1]*b", r"(?s)a.*?1", r"a\b", "(?<=b)a")]
    whole = [pattern.label(Document.of(text)) for pattern in patterns]
    labeller = Labeller(patterns, DocumentParts(Document.of(text)), window=data.draw(st.sampled_from([1, 4, 16])),
                        limit=1 << 12)
    start = data.draw(st.integers(0, len(text)))
    for low, high in ((start, len(text)), (0, start)):
        np.testing.assert_array_equal(labeller.labels(low, high), np.array(whole, np.float32).T[low:high])


@pytest.mark.parametrize("expression", ["(", "a{2}{3}", "(?P<1>a)", "*"])
def test_what_is_no_expression_is_refused(expression: str) -> None:
    with pytest.raises(UserError, match=r"x: .* is not a regular expression: "):
        RegularExpression.of("x", expression)


def test_it_describes_itself_and_travels() -> None:
    pattern = RegularExpression.of("who", r"Mr\. (?P<who>\w+)")
    assert (pattern.meaning, pattern.group, pattern.kind) == (r"who in what Mr\. (?P<who>\w+) matches", "yours",
                                                              "boolean")
    assert RegularExpression.of("x", "a\nb").meaning == r"what 'a\nb' matches"
    assert pickle.loads(pickle.dumps(pattern)) == pattern and hash(pattern) == hash(pickle.loads(pickle.dumps(pattern)))


def test_a_search_that_would_never_end_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    everything = Spans.of([0, 41])
    with pytest.raises(UserError, match=r"search for '\(a\+\)\+b' in 41 characters took longer than 0.2 seconds"):
        searching.matches("(a+)+b", "a" * 40 + "c", everything, seconds=0.2)
    assert searching.matches("c", "a" * 40 + "c", everything).starts.tolist() == [40]  # the next search is well again
    monkeypatch.setattr(searching.matches, "__defaults__", (0.2,))
    labeller = Labeller([RegularExpression.of("slow", "(a+)+b")], DocumentParts(Document.of("a" * 40 + "c")))
    with pytest.raises(UserError, match=r"^pattern 'slow' on characters \[0, 41\): the search for"):
        labeller.labels(0, 1)


def test_an_interrupted_search_leaves_no_answer_behind() -> None:
    def interrupt() -> None:
        time.sleep(0.3)
        os.kill(os.getpid(), signal.SIGINT)

    everything = Spans.of([0, 41])
    searching.matches("a", "a", Spans.of([0, 1]))
    threading.Thread(target=interrupt).start()
    with pytest.raises(KeyboardInterrupt):
        searching.matches("(a+)+b", "a" * 40 + "c", everything, seconds=20.0)
    assert searching.matches("c", "a" * 40 + "c", everything).starts.tolist() == [40]


def test_a_process_that_died_is_followed_by_another() -> None:
    searching.matches("a", "a", Spans.of([0, 1]))
    process = searching._processes[os.getpid()]
    process.kill()
    process.wait()
    with pytest.raises(UserError, match="took longer"):
        searching.matches("a", "a", Spans.of([0, 1]))
    assert searching.matches("a", "a", Spans.of([0, 1])).stops.tolist() == [1]
