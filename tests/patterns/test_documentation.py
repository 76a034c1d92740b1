"""The table of docs/patterns.md against the registry; its examples are run."""

import re
from pathlib import Path

import numpy as np
import pytest

from probe.corpus.document import Document, Language
from probe.files import read_text
from probe.patterns import PATTERNS, pattern_named

TABLE = read_text(Path(__file__).resolve().parents[2] / "docs" / "patterns.md")
ROW = re.compile(r"^\| `(\w+)` \| (.+) \| (\w+) \| ([\w /]+) \| ([\w, ]+) \| `(.+)` \|$", re.MULTILINE)
ROWS = {cells[0]: cells for cells in ROW.findall(TABLE)}


def test_rows_are_the_registry() -> None:
    assert list(ROWS) == list(PATTERNS)


@pytest.mark.parametrize("name", PATTERNS)
def test_row(name: str) -> None:
    entry = pattern_named(name)
    _, meaning, kind, context, languages, _ = ROWS[name]
    assert (meaning, kind, languages) == (entry.meaning, entry.kind, ", ".join(entry.languages))
    scopes: list[str] = [entry.context_in(language).scope for language in entry.languages]
    assert context == " / ".join(dict.fromkeys(scopes))


@pytest.mark.parametrize("name", PATTERNS)
def test_example(name: str) -> None:
    entry, example = pattern_named(name), ROWS[name][-1].replace("⏎", "\n")
    language: Language = entry.languages[0]
    if entry.kind == "graded":
        text, digits = example.split(" → ")
        wanted = np.array([float(digit) for digit in digits])
    else:
        text = re.sub("[⟦⟧]", "", example)
        inside = np.cumsum([(c == "⟦") - (c == "⟧") for c in example])
        wanted = np.array([bool(depth) for c, depth in zip(example, inside, strict=True) if c not in "⟦⟧"])
    np.testing.assert_array_equal(entry.label(Document.of(text, language=language)), wanted)
