"""The notebooks: what is kept in them, and that every cell runs.

All are executed in one kernel, one after the other, each in a folder of its own and after all names are forgotten:
TensorFlow is loaded once. ``tutorials/run.py``, which makes what is kept, gives each a kernel of its own.
"""

import ast
import os
import re
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from probe.corpus import Receipt
from probe.corpus.catalogue import KIND, VERSION
from probe.files import sha256_of, write_manifest
from tutorials.run import digest

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = sorted((ROOT / "tutorials").glob("*.ipynb"))
LARGEST = 400_000
# Folders of a machine, and addresses of objects in its memory, which are others each time.
PLACES = re.compile(r"/(home|root|tmp|work|usr|opt|var|mnt|Users)/|[A-Z]:\\\\|\b0x[0-9a-f]{6,}|\.local/|site-packages")
BOOK = "".join(f"“{word},” said the {animal}, and went away.\nThe cat sat on it.\n" + "\n" * (number % 3 == 0)
               for number, (word, animal) in enumerate([("Come in", "fox"), ("Not now", "hare"), ("Why not", "Alice")]
                                                       * 45))
CODE = "".join(f"def f{number}(a, b):\n    # adds {number}\n    if a:\n        return call(a, 'text {number}')\n"
               f"    return [b, {number}]\n\n\n" for number in range(90))
SMALL = {
    "1-the-article-rebuilt": {"UNITS": 8, "SITTINGS": (2, 4, 6), "TWINS": 1, "SHOWN": 60},
    "2-karpathys-cells": {"TEXT": "code.py", "UNITS": 8, "STEPS": 2, "CHARACTERS": 2000, "TWINS": 1, "SHOWN": 60},
    "3-your-own-keras-model": {"UNITS": 8, "EPOCHS": 1, "TWINS": 1, "SHOWN": 60},
    "4-activations-from-pytorch": {"UNITS": 8, "EPOCHS": 1, "SHOWN": 60},
    "5-explaining-a-classifier": {"PACKAGES": ("json", "xml"), "WORDS": 50, "LENGTH": 24, "EPOCHS": 1, "TEXTS": 2,
                                  "MEASURED": 2},
    "6-attention": {"TEXTS": 2},
}


def cells(path: Path) -> list:
    return nbformat.read(path, as_version=4).cells


def code_cells(path: Path) -> list:
    return [cell for cell in cells(path) if cell.cell_type == "code"]


def has_picture(cell) -> bool:
    return any("image/png" in output.get("data", ()) for output in cell.outputs)


def with_small_sizes(path: Path) -> nbformat.NotebookNode:
    """The notebook with some of its sizes replaced, all of which its one cell of sizes, near the top, must have."""
    notebook, small = nbformat.read(path, as_version=4), SMALL[path.stem]
    (place,) = [place for place, cell in enumerate(notebook.cells) if "parameters" in cell.metadata.get("tags", ())]
    assert place <= 2
    cell = notebook.cells[place]
    named = {target.id for line in ast.parse(cell.source).body for target in line.targets}
    assert set(small) <= named
    cell.source += "\n" + "\n".join(f"{name} = {value!r}" for name, value in small.items())
    return notebook


def test_there_are_six_and_each_has_small_sizes():
    assert [path.stem for path in NOTEBOOKS] == list(SMALL)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
class TestKept:
    def test_the_code_is_what_put_out_what_is_kept(self, path):
        notebook, code = nbformat.read(path, as_version=4), code_cells(path)
        assert notebook.metadata["executed"] == digest(notebook)
        assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
        nbformat.validate(notebook)

    def test_it_ends_in_a_picture_and_holds_no_error(self, path):
        outputs = [output for cell in code_cells(path) for output in cell.outputs]
        assert has_picture(code_cells(path)[-1])
        assert {output.output_type for output in outputs} <= {"stream", "display_data", "execute_result"}
        assert [output.text for output in outputs if output.get("name") == "stderr"] == []

    def test_it_is_small_and_names_no_place_of_a_machine(self, path):
        assert path.stat().st_size < LARGEST
        written = "\n".join([*(cell.source for cell in cells(path)),
                             *(text for cell in code_cells(path) for output in cell.outputs
                               for kind, text in [("text", output.get("text", "")), *output.get("data", {}).items()]
                               if kind.startswith("text"))])
        assert PLACES.findall(re.sub(r"base64,[\w+/=]+", "", written)) == []

    def test_links_lead_somewhere(self, path):
        for cell in cells(path):
            if cell.cell_type == "markdown":
                for target in re.findall(r"\]\(([^)#]+)", cell.source):
                    assert "://" in target or (path.parent / target).exists(), target

    def test_its_sizes_can_be_replaced(self, path):
        assert with_small_sizes(path).cells


@pytest.fixture(scope="module")
def kernel(tmp_path_factory):
    """A kernel in an empty folder, whose cache of corpora holds a short text in the place of the book."""
    folder = tmp_path_factory.mktemp("tutorials")
    book = folder / "cache" / "corpora" / "alice" / "alice.txt"
    book.parent.mkdir(parents=True)
    book.write_text(BOOK, "utf-8")
    sha256 = sha256_of(book)
    write_manifest(book.with_name("receipt.json"), KIND, VERSION,
                   asdict(Receipt("http://localhost/", book.stat().st_size, sha256, sha256, True)))
    environment = {**os.environ, "PROBE_CACHE": str(folder / "cache"), "IPYTHONDIR": str(folder / "ipython"),
                   "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])}
    client = NotebookClient(nbformat.v4.new_notebook(), kernel_name="python3", timeout=300)
    with client.setup_kernel(cwd=str(folder), env=environment):
        yield client, folder


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_cell_runs(path, kernel):
    if path.stem == "4-activations-from-pytorch" and find_spec("torch") is None:
        pytest.skip("PyTorch is not installed; it is no dependency of this project")
    client, folder = kernel
    place = folder / path.stem
    place.mkdir()
    (place / "code.py").write_text(CODE, "utf-8")
    client.nb = with_small_sizes(path)
    client.nb.cells.insert(0, nbformat.v4.new_code_cell(f"%reset -f\n%cd -q {place}"))
    client.execute(cleanup_kc=False)
    assert has_picture([cell for cell in client.nb.cells if cell.cell_type == "code"][-1])
