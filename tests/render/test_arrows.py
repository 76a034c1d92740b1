"""Within the room, too, imports go one way, those for type checkers alone included."""

import ast
import graphlib
from pathlib import Path

import probe.render

ROOM = Path(probe.render.__file__).parent


def imported(path):
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("probe.render."):
            yield node.module.removeprefix("probe.render.")


def test_no_file_of_the_room_imports_one_that_imports_it():
    arrows = {path.stem: set(imported(path)) for path in ROOM.glob("*.py")}
    order = list(graphlib.TopologicalSorter(arrows).static_order())  # a circle raises
    assert order.index("html") < order.index("coloured_text") < order.index("__init__")
