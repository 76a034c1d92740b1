"""Functions of the user's own as patterns."""

import pickle
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from probe.corpus.document import Document, FileSpan
from probe.errors import Interrupted, UserError
from probe.patterns import DocumentParts, Labeller, UserFunction, function

CODE = '''
import numpy as np

def is_a(text):
    """the letter a

    More."""
    return [c == 'a' for c in text]

def place(text):
    return np.arange(len(text))

def place_in_line(text):
    return range(len(text))
place_in_line.context = 'line'

def in_second_file(document):
    return np.array([i for i, file in enumerate(document.files) for _ in range(file.start, file.stop)])
in_second_file.context, in_second_file.kind = 'document', 'boolean'

def wrong_length(text):
    return [True]

def fails_on_z(text):
    if 'z' in text:
        raise ValueError('no z,\\nplease')
    return np.zeros(len(text), bool)

def becomes_graded(text):
    return [c == 'a' for c in text] if 'z' not in text else [2.0] * len(text)

def infinite(text):
    return [float('inf')] * len(text)

def huge(text):
    return [1e300] * len(text)

def leaves(text):
    import sys
    sys.exit(3)

class Odd(BaseException):
    pass

def raises_oddly(text):
    raise Odd('by itself')

def strange(text):
    return list(text)

def odd(text):
    return []
odd.context = 'chapter'

def odder(text):
    return []
odder.kind = 'fuzzy'

thing = 5
'''


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setattr(sys, "path", list(sys.path))
    (tmp_path / "ideas.py").write_text(CODE, encoding="utf-8")
    (tmp_path / "broken.py").write_text("1 / 0", encoding="utf-8")
    (tmp_path / "leaving.py").write_text("import sys\nsys.exit(3)", encoding="utf-8")
    yield tmp_path
    sys.modules.pop("ideas", None)
    function._loaded.cache_clear()


def test_booleans_and_numbers(folder: Path) -> None:
    pattern = UserFunction.of("", "ideas:is_a", folder)
    assert (pattern.name, pattern.meaning, pattern.kind, pattern.group) == ("is_a", "the letter a", "boolean", "yours")
    labels = pattern.label(Document.of("banana"))
    assert labels.dtype == bool and labels.tolist() == [False, True] * 3
    graded = UserFunction.of("where", "ideas:place", folder)
    assert (graded.name, graded.kind, graded.meaning) == ("where", "graded", "what ideas:place labels")
    assert graded.label(Document.of("abc")).dtype == np.float32


def test_a_function_sees_one_piece_at_a_time(folder: Path) -> None:
    document = Document("ab\r\nc\n\nd", (FileSpan("1", 0, 3), FileSpan("2", 3, 8)))
    assert UserFunction.of("", "ideas:place", folder).label(document).tolist() == [0, 1, 2, 0, 1, 2, 3, 4]
    in_lines = UserFunction.of("", "ideas:place_in_line", folder)
    assert in_lines.context.scope == "line"
    assert in_lines.label(Document.of("ab\r\nc\n\nd")).tolist() == [0, 1, 0, 0, 0, 0, 0, 0]
    whole = UserFunction.of("", "ideas:in_second_file", folder)
    assert whole.label(document).tolist() == [False] * 3 + [True] * 5
    labeller = Labeller([in_lines, UserFunction.of("", "ideas:place", folder)], DocumentParts(document), window=1)
    assert labeller.labels(2, 6).tolist() == [[0, 2], [0, 0], [0, 1], [0, 2]]


def test_it_travels_as_a_name(folder: Path) -> None:
    pattern = UserFunction.of("", "ideas:is_a", folder)
    small = pickle.dumps(pattern)
    sys.modules.pop("ideas")
    function._loaded.cache_clear()
    sys.path.remove(str(folder))
    assert pickle.loads(small) == pattern
    assert pickle.loads(small).label(Document.of("a")).tolist() == [True]


def test_the_current_folder_is_where_modules_lie(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    assert UserFunction.of("", "ideas:is_a").folder == str(folder)


def test_what_is_installed_comes_before_the_folder(folder: Path) -> None:
    assert "sched" not in sys.modules
    (folder / "sched.py").write_text("def scheduler(text): return [True] * len(text)", encoding="utf-8")
    with pytest.raises(UserError, match="sched:scheduler must return a boolean or a number"):
        UserFunction.of("", "sched:scheduler", folder)
    del sys.modules["sched"]


@pytest.mark.parametrize(("target", "message"), [
    ("ideas", "a function is given as MODULE:FUNCTION; received 'ideas'"),
    ("ideas:", "a function is given as"),
    ("ideas.py:count", "a function is given as MODULE:FUNCTION; leave out .py in 'ideas.py:count'"),
    ("nowhere:f", "nowhere: cannot be imported, from .*: ModuleNotFoundError"),
    ("broken:f", "broken: cannot be imported, from .*: ZeroDivisionError"),
    ("leaving:f", "leaving: cannot be imported, from .*: SystemExit: 3"),
    ("ideas:leaves", "ideas:leaves failed on 39 characters: SystemExit: 3"),
    ("ideas:raises_oddly", "ideas:raises_oddly failed on 39 characters: Odd: by itself"),
    ("ideas:nothing", "ideas: has no function 'nothing'"),
    ("ideas:thing", "ideas: has no function 'thing'"),
    ("ideas:odd", "its context must be one of line, paragraph, file, document; received 'chapter'"),
    ("ideas:odder", "its kind must be one of boolean, graded; received 'fuzzy'"),
    ("ideas:wrong_length", r"a boolean or a number for each of 39 characters; received bool of shape \(1,\)"),
    ("ideas:strange", "received <U1 of shape"),
])
def test_mistakes_are_told_before_a_scan(folder: Path, target: str, message: str) -> None:
    with pytest.raises(UserError, match=message):
        UserFunction.of("", target, folder)


@pytest.mark.parametrize(("name", "message"), [
    ("fails_on_z", r"pattern 'fails_on_z' on characters \[0, 3\): ideas:fails_on_z failed on 3 characters: "
                   r"ValueError: no z, please$"),
    ("becomes_graded", "is boolean and returned other numbers than 0 and 1; becomes_graded.kind = 'graded' lets it"),
    ("infinite", "returned a label that is not finite"),
    ("huge", "returned a label beyond ±1e.15"),
])
def test_failures_name_the_function_and_the_place_in_one_line(folder: Path, name: str, message: str) -> None:
    labeller = Labeller([UserFunction.of("", f"ideas:{name}", folder)], DocumentParts(Document.of("xyz")))
    with pytest.raises(UserError, match=message):
        labeller.labels(0, 1)


@pytest.mark.parametrize("stop", [KeyboardInterrupt, Interrupted])
def test_a_wish_to_stop_is_no_failure_of_a_function(folder: Path, stop: type[BaseException]) -> None:
    pattern = UserFunction.of("", "ideas:is_a", folder)

    def stopped(text: str) -> None:
        raise stop

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(function, "_loaded", lambda *target: stopped)
        with pytest.raises(stop):
            pattern.label(Document.of("a"))
