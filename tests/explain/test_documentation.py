"""The examples of ``probe explain --help`` and of docs/explain*.md run as they are written."""

import json
import re
import shlex
import sys
from io import BytesIO, TextIOWrapper
from pathlib import Path
from shutil import copyfile

import pytest

from probe.cli import explain as command
from probe.cli.main import main
from probe.explain import (
    METHODS,
    CharacterTokenizer,
    Classifier,
    WordTokenizer,
    character_convolutions,
    two_convolutions,
    two_way_lstm,
)
from probe.files import read_text

pytestmark = pytest.mark.usefixtures("eager")
ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(page for page in (ROOT / "docs").glob("explain*.md") if "```python" in read_text(page))
HELP = [re.split(" {2,}", line.strip())[0] for line in str(command.__doc__).splitlines() if line.startswith("  ")]
LETTER = "The shuttle's orbit decays.\nA doctor would not mind.\n"
INDEX = {word: number for number, word in enumerate(
    "a alive and bad comes dull film it never not orbit shuttle that the".split(), start=2)}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the recipes leave behind, untrained and with few words, and the files of the examples."""
    folder = tmp_path_factory.mktemp("documentation")
    words, characters = WordTokenizer(INDEX), CharacterTokenizer.from_texts([LETTER], 40)
    groups = ("sci.med", "sci.space", "sci.crypt")
    recipes = {
        "reviews": (two_way_lstm(16, 1, "binary", width=4, units=8, length=4), words, ("neg", "pos"), "binary", 4),
        "newsgroups": (two_convolutions(16, 3, length=40), words, groups, "single", 40),
        "demo-explain": (two_convolutions(16, 3, length=40), words, ("email", "http", "xml"), "single", 40),
        "multilabel": (character_convolutions(characters.size, 2, "multi", length=40), characters, ("loop", "import"),
                       "multi", 40),
    }
    for name, (model, tokenizer, labels, kind, length) in recipes.items():
        Classifier(model, tokenizer, labels, kind, length=length).save(folder / "runs" / name / "classifier")
    # Measures run a network hundreds of times, and LSTMs are slow when they are not compiled.
    light = Classifier(two_convolutions(16, 1, "binary", width=4, filters=4, length=6), words, ("neg", "pos"), "binary",
                       length=6)
    light.save(folder / "measured" / "runs" / "reviews" / "classifier")
    recipes["reviews"][0].save(folder / "model.keras")
    (folder / "words.json").write_text(json.dumps(INDEX), encoding="utf-8")
    (folder / "letter.txt").write_text(LETTER, encoding="utf-8")
    (folder / "reviews.txt").write_text("a dull film\nnot bad\n", encoding="utf-8")
    (folder / "scripts").symlink_to(ROOT / "scripts")
    return folder


@pytest.mark.parametrize("line", HELP)
def test_examples_of_the_help(line: str, place: Path, monkeypatch: pytest.MonkeyPatch,
                              capsys: pytest.CaptureFixture[str], request: pytest.FixtureRequest) -> None:
    monkeypatch.chdir(place)
    if "old.h5" in line:
        copyfile(request.getfixturevalue("shared") / "legacy" / "keras_sentiment_classifier.h5", "old.h5")
    before, _, program = line.rpartition("| ")
    if before:
        assert before == "cat letter.txt "
        monkeypatch.setattr(sys, "stdin", TextIOWrapper(BytesIO(LETTER.encode())))
    name, *arguments = shlex.split(program)
    assert name == "probe" and main(arguments) == 0
    assert "logit" in capsys.readouterr().out


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_python_of_the_pages(page: Path, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(place / "measured" if page.stem == "explain-faithfulness" else place)
    known: dict[str, object] = {}
    for block in re.findall(r"```python\n(.*?)```", read_text(page), re.DOTALL):
        exec(compile(block, page.name, "exec"), known)


@pytest.mark.parametrize("name", METHODS)
def test_methods_stand_in_the_tables(name: str) -> None:
    rows = [line for line in read_text(ROOT / "docs" / "explain.md").splitlines() if line.startswith("| `")]
    assert any(f"`{name}`" in row.split(" | ")[0] for row in rows)


def test_there_are_examples() -> None:
    assert len(HELP) == 8 and len(PAGES) == 5
