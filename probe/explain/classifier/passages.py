"""Passages of Python's standard library with labels that nobody had to write: examples that every machine has."""

import ast
import io
import sysconfig
import tokenize
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path, PurePosixPath

from probe.corpus.embedded import LEFT_OUT_FOLDERS, StandardLibrary
from probe.errors import UserError
from probe.explain.classifier.examples import TEST, TRAIN, Examples

PACKAGES = ("asyncio", "email", "http", "importlib", "json", "logging", "multiprocessing", "unittest", "urllib", "xml")
LINES = 12
# A file in so many is held out, of each package at least one.
HELD_OUT_FILES = 5
CONSTRUCTS: dict[str, tuple[type[ast.AST], ...]] = {
    "class": (ast.ClassDef,),
    "exception": (ast.Raise, ast.Try),
    "import": (ast.Import, ast.ImportFrom),
    "loop": (ast.For, ast.While, ast.AsyncFor),
    "return": (ast.Return,),
    "with": (ast.With, ast.AsyncWith),
}
Labeller = Callable[[str, str], Sequence[tuple[int, str]]]


def package_passages(packages: Sequence[str] = PACKAGES, lines: int = LINES) -> Examples:
    """Return passages of the standard library, labelled by the package that they come from.

    Whole files are held out, so that what is tried was never seen; a passage begins at a line that is not empty.

    Args:
        packages: names of packages, such as ``"json"``.
        lines: of a passage.

    Raises:
        UserError: this Python has no sources of a package.
    """
    return _passages(packages, lines, lambda text, package: [(line, package) for line in range(text.count("\n") + 1)])


def construct_passages(packages: Sequence[str] = PACKAGES, lines: int = LINES) -> Examples:
    """Return passages of the standard library, each labelled by all that begins in it, as Python's own parser tells:
    ``comment``, ``docstring``, and the keys of :data:`CONSTRUCTS`. Arguments and errors as :func:`package_passages`."""
    return _passages(packages, lines, lambda text, _: list(_constructs(text)))


def _passages(packages: Sequence[str], lines: int, labels_of: Labeller) -> Examples:
    if lines < 1 or not packages:
        raise UserError(f"passages need at least one package and one line; received {len(packages)} and {lines}")
    texts, labels, splits = [], [], []
    for package in packages:
        library = _files(package)
        for number, piece in enumerate(library.pieces()):
            text = "".join(map(chr, piece.codes.tolist()))
            at = labels_of(text, package)
            rows = text.split("\n")
            for first in _starts(rows, lines):
                texts.append("\n".join(rows[first:first + lines]))
                labels.append(tuple(sorted({label for line, label in at if first <= line < first + lines})))
                splits.append(TEST if number % HELD_OUT_FILES == 0 else TRAIN)
    return Examples(tuple(texts), tuple(labels), tuple(splits))


def _files(package: str) -> StandardLibrary:
    """The sources of a package, from the largest file to the smallest, but for its second largest, which is first."""
    root = Path(sysconfig.get_path("stdlib"))
    found = [path for path in (root / package).rglob("*.py")
             if not LEFT_OUT_FOLDERS.intersection(path.relative_to(root).parts)] if package.isidentifier() else []
    sizes = sorted(((path.stat().st_size, str(PurePosixPath(path.relative_to(root)))) for path in found), reverse=True)
    names = [name for _, name in sizes]
    names[:2] = names[:2][::-1]
    if len(names) < 2:
        raise UserError(f"package {package!r:.40}: this Python has no two source files of it in {root}")
    return StandardLibrary(root, tuple(names), sum(size for size, _ in sizes))


def _starts(rows: Sequence[str], lines: int) -> Iterator[int]:
    """The first lines of passages that follow each other; a rest of less than half a passage is left out."""
    first = 0
    while first < len(rows):
        if not rows[first].strip():
            first += 1
            continue
        if len(rows) - first >= lines / 2:
            yield first
        first += lines


def _constructs(text: str) -> Iterator[tuple[int, str]]:
    """What begins in which line, counted from 0."""
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0] - 1, "comment"
    for node in ast.walk(ast.parse(text)):
        for name, kinds in CONSTRUCTS.items():
            if isinstance(node, kinds):
                yield node.lineno - 1, name  # type: ignore[attr-defined]
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and ast.get_docstring(
                node, clean=False) is not None:
            yield node.body[0].lineno - 1, "docstring"
