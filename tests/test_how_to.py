"""The pages of docs/how-to are done as they say, on a copy of the tree, and what they promise is run there."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from shutil import copytree, ignore_patterns

import pytest

ROOT = Path(__file__).resolve().parents[1]
BLOCK = re.compile(r'^(`{3,})(\w+)(?: title="([^"]+)")?\n(.*?)^\1$', re.DOTALL | re.MULTILINE)
# What a page's addition is tried by: tests of the copied tree, by a word of the addition where all would be many.
TRIED = {
    "pattern": ["tests/patterns/test_conformance.py", "tests/patterns/test_documentation.py",
                "-k", "list_item or occurs or smallest or rows_are"],
    "measure": ["tests/scan/test_measures.py", "tests/scan/test_statistics_pages.py",
                "-k", "distance or fields or every_measure or overview"],
    "palette": ["tests/render/test_palette.py"],
    "attribution-method": ["tests/explain/test_conformance.py", "tests/explain/test_gradient_toys.py",
                           "tests/explain/test_documentation.py", "-k", "gradient_x_difference or tables"],
}
PAGES = sorted((ROOT / "docs" / "how-to").glob("*.md"))


def do(page: Path, tree: Path) -> None:
    """Do to a tree what a page says; a text lies beside it."""
    for _, language, title, content in BLOCK.findall(page.read_text("utf-8")):
        if language == "text":
            (tree.parent / title).write_text(content, encoding="utf-8")
        elif language == "diff":
            edit(tree / title, content.splitlines())
        elif title:
            assert not (tree / title).exists()
            (tree / title).write_text(content, encoding="utf-8")


def edit(path: Path, lines: list[str]) -> None:
    """Put lines with a space or a plus in the place of those with a space or a minus, which must stand there once."""
    old, new = ("".join(f"{line[1:]}\n" for line in lines if line[:1] in (" ", sign) or not line) for sign in "-+")
    text = path.read_text("utf-8")
    if not old:
        raise AssertionError(f"{path}: nothing tells where {new!r} belongs")
    assert text.count(old) == 1, f"{path}: found {text.count(old)} times: {old}"
    path.write_text(text.replace(old, new), encoding="utf-8")


def run(tree: Path, *arguments: str, cwd: Path) -> str:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    done = subprocess.run([sys.executable, *arguments], cwd=cwd, env={**kept, "PYTHONPATH": str(tree)},
                          capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_there_is_a_trial_of_each_page():
    assert [page.stem for page in PAGES] == sorted(TRIED)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_page(page, tmp_path):
    tree = tmp_path / "tree"
    for name in ("probe", "corpora", "tests", "docs"):
        copytree(ROOT / name, tree / name, ignore=ignore_patterns("images"))
    for name in ("pyproject.toml", "mkdocs.yml"):
        (tree / name).write_bytes((ROOT / name).read_bytes())
    (tree / "scripts").symlink_to(ROOT / "scripts")
    do(page, tree)
    run(tree, "-m", "pytest", "-q", "-p", "no:cacheprovider", *TRIED[page.stem], cwd=tree)
    touched = {title for _, _, title, _ in BLOCK.findall(page.read_text("utf-8")) if title.endswith(".py")}
    run(tree, "-m", "ruff", "check", "--no-cache", *sorted(touched), cwd=tree)
    for _, language, title, content in BLOCK.findall(page.read_text("utf-8")):
        if language == "console":
            command, printed = content.split("\n", 1)
            assert command.startswith("$ probe ")
            assert run(tree, "-m", "probe", *shlex.split(command)[2:], cwd=tmp_path) == printed
        elif language == "python" and not title:
            run(tree, "-c", content, cwd=tmp_path)
