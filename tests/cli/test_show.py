"""``probe show`` of a run: its network reads a text, and units colour it."""

import re

import numpy as np
import pytest

from probe.activations import Extraction, ExtractOptions
from probe.cli.main import main
from probe.corpus import Corpus
from probe.model import ModelOptions, Run
from probe.train import TrainOptions, train

OTHER = "The fox said: “It is late,” and, as it was late, “good night”. " * 20


@pytest.fixture(scope="module")
def folder(text, tmp_path_factory):
    place = tmp_path_factory.mktemp("shown") / "run"
    train(text, place, ModelOptions(units=8, layers=2), TrainOptions(steps=40, batch=4, length=20, learning_rate=0.1),
          show=False)
    return place


@pytest.fixture(scope="module")
def other(tmp_path_factory):
    path = tmp_path_factory.mktemp("texts") / "other.txt"
    path.write_text(OTHER, encoding="utf-8")
    return path


def values_of(page: str) -> list[list[float]]:
    """The raw values in a page's tooltips, a list a text."""
    return [[float(value) for value in re.findall(r'title="[^"]*?: (-?[0-9.]+), scaled', figure)]
            for figure in page.split("<figure")[1:]]


def test_a_run_reads_another_text_and_each_unit_colours_it(folder, other, tmp_path, capsys):
    page = tmp_path / "units.html"
    assert main(["show", str(folder), str(other), "--unit", "2:3,1:5", "--unit", "2:0", "--signal", "cell",
                 "--stand-in", "e", "--from", "700", "--to", "900", "--html", str(page)]) == 0
    run = Run.open(folder)
    corpus = Corpus.read(other, vocabulary=run.corpus.vocabulary, stand_in="e")
    options = ExtractOptions(signals="cell", streams=1, losses=False)
    whole = Extraction.of(run, corpus=corpus, options=options)
    rows = {layer: np.concatenate([block.rows((layer, "cell")) for block in whole]) for layer in "12"}
    expected = [rows["2"][700:900, 3], rows["1"][700:900, 5], rows["2"][700:900, 0]]
    np.testing.assert_allclose(values_of(page.read_text("utf-8")), expected, atol=1e-3)
    letters = re.findall(r'<span class="c[^>]*>([^<])</span>', page.read_text("utf-8"))
    assert "".join(letters) == OTHER[700:900] * 3


def test_its_own_text_is_shown_from_where_the_network_has_not_seen_it(folder, capsys):
    assert main(["show", str(folder), "--unit", "1:0", "--colour", "never", "--mark", "inside_quotes"]) == 0
    shown = capsys.readouterr().out
    start = Run.open(folder).corpus.splits.test.start
    assert f"unit 1:0, hidden, characters {start:,} to" in shown
    assert "underlined: inside quotes" in " ".join(shown.split())
    line = shown.split("\n")[next(place for place, line in enumerate(shown.split("\n")) if "Come in" in line) + 1]
    assert line.rstrip() == " " + "▔" * len("Come in,")


def test_an_expression_of_one_s_own_marks_too(folder, capsys):
    assert main(["show", str(folder), "--unit", "1:0", "--colour", "never", "--from", "0", "--to", "60", "--regex",
                 "animal=fox|cat", "--mark", "animal & ~shift(letter, -1)"]) == 0
    lines = capsys.readouterr().out.split("\n")
    place = next(place for place, line in enumerate(lines) if "fox" in line)
    assert [at for at, mark in enumerate(lines[place + 1]) if mark != " "] == [
        lines[place].index("x (a"), lines[place].index("t, who")]


def test_units_are_drawn_as_lines_under_the_text(folder, tmp_path, capsys):
    command = ["show", str(folder), "--unit", "1:0,2:1", "--from", "0", "--to", "200", "--plot"]
    assert main([*command, str(tmp_path / "units.svg"), "--columns", "42"]) == 0
    drawn = (tmp_path / "units.svg").read_text("utf-8")
    assert "unit 1:0, hidden" in drawn and "unit 2:1, hidden" in drawn
    width = float(re.search(r'width="([0-9.]+)pt"', drawn)[1])
    assert width < 3.7 * 72


def test_windows_are_read_as_they_are_asked_for(folder, tmp_path):
    page = tmp_path / "windowed.html"
    assert main(["show", str(folder), "--unit", "1:4", "--windowed", "9", "--from", "8", "--to", "60", "--html",
                 str(page)]) == 0
    options = ExtractOptions(streams=1, windowed=9, losses=False)
    rows = np.concatenate([block.rows(("1", "hidden")) for block in Extraction.of(Run.open(folder), options=options)])
    np.testing.assert_allclose(values_of(page.read_text("utf-8"))[0], rows[:52, 4], atol=1e-3)


@pytest.mark.parametrize(("arguments", "complaint"), [
    (["--unit", "3:0"], "--unit must be LAYER:UNIT with a layer of 1, 2 and a unit of 0 to 7; received '3:0'"),
    (["--unit", "1:0,"], "received ''"), ([], "required: --unit"),
    (["--unit", "1:0", "--signal", "output"], "--signal must be one of hidden, cell"),
    (["--unit", "1:0", "--mark", "nonsense"], "no pattern is called 'nonsense'"),
    (["--unit", "1:0", "--mark", "column"], "'column' is graded"),
    (["--unit", "1:0", "--to", "99999999"], "--from and --to must lie in 0 to"),
    (["--unit", "1:0", "--windowed", "9", "--from", "3"], "must lie in 8 to"),
    (["--unit", "1:0,1:1,1:2,1:3,1:4", "--plot", "{new}.png"], "1 to 4 units"),
    (["--unit", "1:0", "--plot", "{new}.png", "--columns", "3"], "--columns must be 10 to 1,000; received 3"),
    (["nowhere.txt", "--unit", "1:0"], "nowhere.txt: no such file"),
])
def test_mistakes_are_one_line(folder, tmp_path, capsys, arguments, complaint):
    arguments = [argument.replace("{new}", str(tmp_path / "new")) for argument in arguments]
    assert main(["show", str(folder), *arguments]) == 1
    out, error = capsys.readouterr()
    assert out == "" and complaint in error and error.count("\n") == 1
    assert not list(tmp_path.iterdir())
