"""``probe gates`` as a person types it, over a run and over a store."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from probe.activations import Extraction, ExtractOptions, write_store
from probe.activations.store import StoreOptions
from probe.cli.main import main
from probe.model import ModelOptions, Run
from probe.train import TrainOptions, train
from tests.cli.tiny import TEXT
from tests.lstm_oracle import lstm_signals

UNITS = 6


@pytest.fixture(scope="module")
def folder(text, tmp_path_factory) -> Path:
    """A run of two layers, trained so fast that its gates saturate."""
    place = tmp_path_factory.mktemp("gates") / "run"
    options = TrainOptions(steps=80, batch=4, length=20, validate_every=80, learning_rate=0.1)
    train(text, place, ModelOptions(units=UNITS, layers=2), options, show=False)
    return place


@pytest.fixture(scope="module")
def expected(folder) -> list[dict[str, np.ndarray]]:
    """Every signal of both layers on the whole text, in float64 from the equations."""
    run = Run.open(folder)
    weights, zero = run.checkpoint("best").weights, np.zeros((1, UNITS))
    x, layers = np.eye(len(run.corpus.vocabulary))[run.corpus.ids][:, None], []
    for layer in (1, 2):
        own = (weights[f"lstm_{layer}/{name}"] for name in ("kernel", "recurrent_kernel", "bias"))
        layers.append(lstm_signals(x, *own, zero, zero))
        x = layers[-1]["hidden"]
    return layers


def test_a_run_is_read_over_its_text_by_the_equations(folder, expected, capsys):
    assert main(["gates", str(folder), "--json", "--streams", "1"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert [(row["layer"], row["unit"]) for row in rows] == [(layer, u) for layer in "12" for u in range(UNITS)]
    assert {row["characters"] for row in rows} == {len(TEXT)}
    shares = [share for row in rows for name, share in row.items() if name.endswith(("left", "right"))]
    assert sum(share > 0.05 for share in shares) > 3
    for row in rows:
        signals = {name: values[:, 0, row["unit"]] for name, values in expected[int(row["layer"]) - 1].items()}
        for gate in ("input_gate", "forget_gate", "output_gate"):
            assert row[f"{gate}_left"] == pytest.approx(np.mean(signals[gate] < 0.1), abs=2 / len(TEXT))
            assert row[f"{gate}_right"] == pytest.approx(np.mean(signals[gate] > 0.9), abs=2 / len(TEXT))
        assert row["half_life"] == pytest.approx(-np.log(2) / np.log(signals["forget_gate"]).mean(), rel=1e-4)


def test_a_store_gives_what_its_run_gives(folder, tmp_path, capsys):
    extraction = Extraction.of(Run.open(folder), options=ExtractOptions(signals="all", streams=1))
    write_store(extraction, tmp_path / "acts", StoreOptions("float32"), show=False)
    answers = []
    for arguments in ([str(folder), "--streams", "1"], [str(tmp_path / "acts")]):
        assert main(["gates", *arguments, "--json"]) == 0
        answers.append(json.loads(capsys.readouterr().out))
    for one, other in zip(*answers, strict=True):
        assert [*map(str, one)] == [*map(str, other)]
        assert list(one.values())[1:] == pytest.approx(list(other.values())[1:], rel=1e-9)


def test_of_a_store_of_each_third_character_these_are_counted(folder, expected, tmp_path, capsys):
    extraction = Extraction.of(Run.open(folder), options=ExtractOptions(signals="all", streams=1))
    write_store(extraction, tmp_path / "acts", StoreOptions("float32", every=3), show=False)
    assert main(["gates", str(tmp_path / "acts")]) == 0
    assert "keeps one character in 3, and these alone are counted" in capsys.readouterr().out
    assert main(["gates", str(tmp_path / "acts"), "--json"]) == 0
    for row in json.loads(capsys.readouterr().out):
        forget = expected[int(row["layer"]) - 1]["forget_gate"][::3, 0, row["unit"]]
        assert row["characters"] == len(forget) == -(-len(TEXT) // 3)
        assert row["forget_gate_right"] == pytest.approx(np.mean(forget > 0.9), abs=2 / len(forget))
        assert row["half_life"] == pytest.approx(-np.log(2) / np.log(forget).mean(), rel=1e-4)


def test_another_text_part_of_the_units_and_files(folder, tmp_path, capsys):
    other = tmp_path / "other.txt"
    other.write_text(TEXT[:300], encoding="utf-8")
    files = {name: tmp_path / name for name in ("units.csv", "page.html", "plot.svg")}
    assert main(["gates", str(folder), str(other), "--units", "1,3", "--layers", "2", "--csv", str(files["units.csv"]),
                 "--html", str(files["page.html"]), "--plot", str(files["plot.svg"])]) == 0
    told = capsys.readouterr().out
    assert "longest memory (300 characters)" in told and f"plot: {files['plot.svg']}" in told
    rows = list(csv.DictReader(files["units.csv"].read_text("utf-8").splitlines()))
    assert [(row["layer"], row["unit"]) for row in rows] == [("2", "1"), ("2", "3")]
    assert files["page.html"].read_text("utf-8").count("<circle") == 2 * 3
    assert files["plot.svg"].read_text("utf-8").startswith("<?xml")


def test_no_more_characters_than_asked_are_read_from_the_beginning(folder, expected, capsys):
    assert main(["gates", str(folder), "--json", "--streams", "1", "--characters", "200"]) == 0
    for row in json.loads(capsys.readouterr().out):
        forget = expected[int(row["layer"]) - 1]["forget_gate"][:200, 0, row["unit"]]
        assert row["characters"] == 200 and row["forget_gate_right"] == pytest.approx(np.mean(forget > 0.9), abs=0.005)
    with pytest.raises(SystemExit):
        main(["gates", "--help"])
    told = " ".join(capsys.readouterr().out.split())
    assert "most characters of a text that are read, from its beginning [1000000]" in told
    assert "confirmation" not in told


def test_tables_obey_the_width_of_the_terminal(folder, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "50")
    assert main(["gates", str(folder)]) == 0
    told = capsys.readouterr().out.split("\n\n", 1)[1]
    assert "forget gate open longest" in told and all(len(line) <= 50 for line in told.split("\n"))


@pytest.mark.parametrize(("arguments", "complaint"), [
    (["--plot", "gates.doc"], "--plot must name a file that ends in .png, .svg, .pdf; received 'gates.doc'"),
    (["--units", "99"], "--units must be below 6"),
    (["--checkpoint", "7"], "no checkpoint 7"),
])
def test_mistakes_are_one_line(folder, arguments, complaint, capsys):
    assert main(["gates", str(folder), *arguments]) == 1
    error = capsys.readouterr().err
    assert complaint in error and error.count("\n") == 1


def test_a_store_without_gates_or_with_a_text_is_refused(folder, tmp_path, capsys):
    write_store(Extraction.of(Run.open(folder)), tmp_path / "acts", show=False)
    assert main(["gates", str(tmp_path / "acts")]) == 1
    assert capsys.readouterr().err == (f"probe: {tmp_path / 'acts'}: holds no gates, but hidden; 'probe extract … "
                                       "--signals all' records the gates too\n")
    assert main(["gates", str(tmp_path / "acts"), "embedded"]) == 1
    assert "has its own text, layers and units; TEXT is for a run" in capsys.readouterr().err
    assert main(["gates", str(tmp_path / "acts"), "--streams", "2"]) == 1
    assert "--streams is for a run" in capsys.readouterr().err
    assert main(["gates", str(tmp_path / "nothing")]) == 1
    assert "no such folder" in capsys.readouterr().err
