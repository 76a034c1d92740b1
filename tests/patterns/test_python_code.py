"""Python's own library, with ``ast`` as the judge, and sources that are no Python."""

import ast
import warnings
from functools import lru_cache
from pathlib import Path

import pytest

from probe.corpus.document import Document, FileSpan
from probe.files import read_text
from probe.patterns import pattern_named, patterns_for
from probe.patterns.python_structure import structure
from tests.patterns.aligned import check, labels_of

LIBRARY = Path(ast.__file__).parent
MODULES = ["ast.py", "dataclasses.py", "enum.py", "textwrap.py", "traceback.py", "asyncio/tasks.py", "smtplib.py"]
Definition = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


@lru_cache
def module(name: str) -> tuple[str, ast.Module, list[int], list[str]]:
    text = read_text(LIBRARY / name)
    rows = text.split("\n")
    starts = [0]
    for row in rows:
        starts.append(starts[-1] + len(row) + 1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return text, ast.parse(text), starts, rows


def span(name: str, node: ast.expr | ast.stmt | ast.pattern) -> tuple[int, int]:
    _, _, starts, rows = module(name)

    def place(row: int | None, column: int | None) -> int:
        assert row is not None and column is not None
        return starts[row - 1] + len(rows[row - 1].encode()[:column].decode())

    return place(node.lineno, node.col_offset), place(node.end_lineno, node.end_col_offset)


def spans(name: str, kind: str) -> set[tuple[int, int]]:
    found = structure(Document.of(module(name)[0], language="python"))[kind]
    return set(zip(found.starts.tolist(), found.stops.tolist(), strict=True))


def plain(tree: ast.AST) -> "list[ast.AST]":
    """All nodes that are not inside f-strings."""
    if isinstance(tree, ast.JoinedStr):
        return [tree]
    return [tree, *(node for child in ast.iter_child_nodes(tree) for node in plain(child))]


@pytest.mark.parametrize("name", MODULES)
def test_docstrings(name: str) -> None:
    wanted = set()
    for node in ast.walk(module(name)[1]):
        first = node.body[0] if isinstance(node, ast.Module | Definition) and node.body else None
        if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
            wanted.add(span(name, first.value))
    assert wanted and spans(name, "docstring") == wanted


@pytest.mark.parametrize("name", MODULES)
def test_headers_calls_and_numbers(name: str) -> None:
    text, tree, _, _ = module(name)
    nodes = plain(tree)
    definitions = {span(name, node)[0] for node in nodes if isinstance(node, Definition)}
    assert {start for start, _ in spans(name, "header")} == definitions
    assert all(text[stop - 1] == ":" for _, stop in spans(name, "header"))
    calls = {span(name, node)[1] for node in nodes if isinstance(node, ast.Call | ast.MatchClass)}
    assert {stop + 1 for _, stop in spans(name, "call")} == calls
    constants = [node for node in nodes if isinstance(node, ast.Constant)]
    numbers = {span(name, node) for node in constants if type(node.value) in (int, float, complex)}
    assert spans(name, "number") == numbers


def test_strings_and_comments() -> None:
    check("string", """
x = r'a' + b"b" 'c' if f(u'') else rf"{y + 'z'!r:>{w}}" # 'no'
    ^^^^   ^^^^ ^^^      ^^^       ^^^^^^^^^^^^^^^^^^^^
""", "python")
    check("f_string", """
x = r'a' + F"b" 'f' if f(u'') else rf"{y + 'z'!r:>{w}}" # f'no'
           ^^^^                    ^^^^^^^^^^^^^^^^^^^^
""", "python")
    check("comment", """
x = '# no' # yes # yes
           ^^^^^^^^^^^
# é
^^^
""", "python")


def test_what_stands_in_f_strings_is_string_and_nothing_else() -> None:
    text = "f'{if_(1) + [x]}'\n"
    for name in ("identifier", "number", "operator", "inside_brackets", "inside_call", "keyword"):
        assert not labels_of(name, text, "python").any(), name


def test_names_and_operators() -> None:
    code = "if x is not None and match.a == -1: print(y, *z) -> w @ v"
    check("keyword", f"{code}\n^^   ^^ ^^^ ^^^^ ^^^", "python")
    check("identifier", f"{code}\n   ^                 ^^^^^ ^        ^^^^^ ^   ^     ^   ^", "python")
    check("operator", f"{code}\n                             ^^ ^            ^        ^", "python")
    check("number", f"{code}\n                                 ^", "python")


def test_docstring_forms() -> None:
    check("docstring", """
'one' "two"  # note
^^^^^ ^^^^^
def f(a=lambda: 'no'): 'yes'; 'no'
                       ^^^^^
def g(): b'no'

async def h(): f'no'

class C: 'no' + 'no'

class D: x = 'no'

""", "python")


def test_definitions_decorators_and_calls() -> None:
    check("definition_line", """
async def f(a: int = d[1:2]) -> {1: 2}: return lambda: 0
^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
async with a: pass

class A(B): x: int
^^^^^^^^^^^
""", "python")
    check("decorator", """
@a.b(1)  # why
^^^^^^^^^^^^^^
def f(): x = y @ z

""", "python")
    check("inside_call", """
class A(B): x = f(a)(b)[c](d, (e)) if (y) else not (z)
                  ^  ^     ^^^^^^
""", "python")
    check("inside_call", """
x = y

(a) = f(b)
        ^
""", "python")


@pytest.mark.parametrize(("text", "labelled"), [
    ("print 'a'\nexec 'b'\n", ["'a'", "'b'"]),
    ("'a'\nx = 'b\n'c'\n", ["'a'"]),
    ("'a'; $ ; 'b'\n", ["'a'"]),
    ("'a'; ? ; 'b'\n", ["'a'"]),
    ("'a'; `b`; 'c'\n", ["'a'"]),
    ("'a'; b ! 'c'\n", ["'a'"]),
    ("'a'\n) 'b'\n", ["'a'"]),
    ("f('a']\n'b'\n", ["'a'"]),
    ("'a'\nx = '''b\n", ["'a'"]),
    ("if x:\n    'a'\n  'b'\n", ["'a'"]),
    ("  'a'\n'b'\n", ["'a'", "'b'"]),
    ("f('a'", ["'a'"]),
    ("f'\\{x}' '\\d'\n", ["f'\\{x}'", "'\\d'"]),
    ("\ufeff'a'\n", ["'a'"]),
    ("x = 'é' 'b'\r\n'c'\r\n'''d\r\ne'''\r\n", ["'é'", "'b'", "'c'", "'''d\r\ne'''"]),
    ("'a'\n'b' \ud800\n'c'\n", ["'a'"]),
    ("'a'\n'b' # \x00\n'c'\n", ["'a'"]),
    ("\x0c'a' \\\n 'b'\n", ["'a'", "'b'"]),
])
def test_sources_with_errors_are_labelled_up_to_the_first(text: str, labelled: list[str]) -> None:
    document = Document.of(text, language="python")
    for entry in patterns_for("python"):
        assert len(entry.label(document)) == len(text)
    found = structure(document)["string"]
    assert [text[start:stop] for start, stop in zip(*found, strict=True)] == labelled


def test_an_error_ends_with_its_file() -> None:
    first, second = "x = 'a\n", "y = 'b'\n"
    document = Document(first + second, (FileSpan("a", 0, 7), FileSpan("b", 7, 15)), "python")
    labels = pattern_named("string").label(document)
    assert labels.tolist() == [False] * 11 + [True] * 3 + [False]
