"""``probe extract`` and ``probe scan STORE``, as a person types them."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from probe.activations import Extraction, ExtractOptions, Store
from probe.activations.store import size
from probe.cli.main import main
from probe.corpus import Segment
from probe.errors import Interrupted
from probe.model import Run
from probe.scan import Findings
from tests.cli.tiny import SMALL, TEXT


@pytest.fixture(scope="module")
def run(text, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("runs") / "fox"
    assert main(["train", str(text), "--run", str(folder), "--steps", "20", *SMALL]) == 0
    return folder


def test_a_store_holds_what_reading_gives(run, tmp_path, capsys):
    out = tmp_path / "acts"
    command = ["extract", str(run), "--out", str(out), "--signals", "hidden,cell", "--units", "2-4,7", "--from", "100",
               "--to", "1100", "--dtype", "float32", "--streams", "2", "--overlap", "50"]
    assert main(command) == 0
    printed = capsys.readouterr().out
    assert "1,000 characters; layer 1: hidden, cell of 4 units; in float32: 6" in printed
    assert "are free on its disk" in printed
    assert "2 streams deviate from one, measured on 1,000 characters: hidden by " in printed
    opened, options = Run.open(run), ExtractOptions(signals="hidden,cell", units="2-4,7", streams=2, overlap=50)
    store = Store.open(out)
    assert dict(store.units) == {("1", "hidden"): (2, 3, 4, 7), ("1", "cell"): (2, 3, 4, 7)}
    for block in Extraction.of(opened, Segment(100, 1100), options=options):
        for source, values in block.activations.items():
            for stream, start in enumerate(block.starts - 100):
                np.testing.assert_array_equal(store.signals[source][start:start + block.length], values[stream])
    assert store.provenance["run"] == "fox"
    assert set(store.provenance["stream_deviation"]) >= {"largest", "mean"}
    assert len(store.provenance["weights"]) == 64
    assert main(command) == 0
    assert "deviate" not in capsys.readouterr().out
    assert main([*command, "--every", "2"]) == 1
    assert "every: 1 there, 2 asked for" in capsys.readouterr().err


def test_a_scan_of_a_store_finds_what_a_scan_of_the_run_finds(run, tmp_path, capsys):
    """One stream reads the same, wherever it is scanned; float16 changes little."""
    plain = ["--patterns", "inside_quotes,word_start", "--top", "3", "--json"]
    tables = []
    for dtype in ("float32", "float16"):
        assert main(["extract", str(run), "--out", str(tmp_path / dtype), "--dtype", dtype, "--streams", "1"]) == 0
        capsys.readouterr()
        assert main(["scan", str(tmp_path / dtype), *plain, "--csv", str(tmp_path / f"{dtype}.csv")]) == 0
        tables.append(json.loads(capsys.readouterr().out))
        assert (tmp_path / dtype / "findings" / "findings.json").exists()
    # The scan of the run begins its confirmation text at the zero state, the store's goes on: compared on the
    # selection text, where both begin alike.
    assert main(["scan", str(run), "--out", str(tmp_path / "streamed"), "--streams", "1", *plain]) == 0
    streamed = json.loads(capsys.readouterr().out)
    for kept, tolerance in zip(tables, (1e-5, 5e-3), strict=True):
        assert [(row["pattern"], row["unit"]) for row in kept] == [(row["pattern"], row["unit"]) for row in streamed]
        for ours, theirs in zip(kept, streamed, strict=True):
            for name in ("selection_correlation", "selection_auc"):
                assert ours[name] == pytest.approx(theirs[name], abs=tolerance)
            assert ours["confirmation_correlation"] == pytest.approx(theirs["confirmation_correlation"], abs=0.02)


def test_a_foreign_text_is_extracted_and_scanned_in_halves(run, tmp_path, capsys):
    foreign = tmp_path / "other.txt"
    foreign.write_text("The cat said “who?” and ran.\n" * 60, encoding="utf-8")
    out = tmp_path / "acts"
    assert main(["extract", str(run), str(foreign), "--out", str(out)]) == 1
    assert "U+003F" in capsys.readouterr().err
    assert not out.exists()
    assert main(["extract", str(run), str(foreign), "--out", str(out), "--stand-in", " "]) == 0
    assert main(["scan", str(out), "--patterns", "word_start", "--characters", "300"]) == 0
    printed = capsys.readouterr().out
    assert "ranking on 300 characters, confirming on 300, kept in float16" in printed
    assert str(out / "findings") in printed


@pytest.mark.parametrize(("options", "complaint"), [
    (["--streams", "3"], "--streams is for the scan of a network"), (["--checkpoint", "latest"], "--checkpoint is for"),
    (["--stand-in", "x"], "--stand-in is for"), (["--windowed", "3"], "--windowed is for"),
], ids=str)
def test_what_is_for_runs_is_refused_for_stores(run, tmp_path, capsys, options, complaint):
    assert main(["extract", str(run), "--out", str(tmp_path / "acts"), "--to", "500"]) == 0
    assert main(["scan", str(tmp_path / "acts"), *options]) == 1
    assert complaint in capsys.readouterr().err
    assert main(["scan", str(tmp_path / "acts"), "text.txt"]) == 1
    assert "TEXT is for the scan" in capsys.readouterr().err


def test_a_store_of_every_third_character_is_made_and_not_scanned(run, tmp_path, capsys):
    out = tmp_path / "acts"
    assert main(["extract", str(run), "--out", str(out), "--every", "3"]) == 0
    assert len(Store.open(out).signals["1", "hidden"]) == -(-len(TEXT) // 3)
    assert "next: in Python, Store.open(" in capsys.readouterr().out
    gates = str(tmp_path / "gates")
    assert main(["extract", str(run), "--out", gates, "--every", "3", "--signals", "forget_gate"]) == 0
    assert f"next: probe gates {gates}" in capsys.readouterr().out
    assert main(["gates", gates]) == 0
    assert main(["scan", str(out)]) == 1
    assert "keeps one character in 3, and every one is needed here" in capsys.readouterr().err


def test_a_store_that_does_not_reach_the_test_split_is_scanned_in_halves_and_says_so(run, tmp_path, capsys):
    out = tmp_path / "acts"
    assert main(["extract", str(run), "--out", str(out), "--to", "600"]) == 0
    assert main(["scan", str(out), "--patterns", "word_start"]) == 0
    said = "two halves of a text that its network was trained on"
    assert f"ranking on 300 characters, confirming on 300, kept in float16: {said}" in capsys.readouterr().out
    assert said in Findings.load(out / "findings").provenance["texts"]


@pytest.mark.parametrize("options", [["--from", "-1"], ["--to", "999999"], ["--from", "50", "--to", "50"],
                                     ["--from", "50", "--to", "40"],
                                     ["--dtype", "float64"], ["--every", "0"], ["--signals", "soul"],
                                     ["--units", "8"], ["--layers", "2"]], ids=str)
def test_mistakes_leave_nothing_behind(run, tmp_path, capsys, options):
    assert main(["extract", str(run), "--out", str(tmp_path / "acts"), *options]) == 1
    assert capsys.readouterr().err.count("\n") == 1
    assert not (tmp_path / "acts").exists()


@pytest.mark.parametrize(("options", "complaint"), [
    (["--from", "-5"], "--from must be 0 to 8,"), (["--to", "999999999"], "; received 999,999,999"),
    (["--from", "50", "--to", "50"], "--to must be 51 to 8,"),
    (["--signals", "cells"], "candidate, output_gate, with commas between them; received 'cells'"),
], ids=str)
def test_a_mistake_is_told_by_the_name_of_its_option(run, tmp_path, capsys, options, complaint):
    assert main(["extract", str(run), "--out", str(tmp_path / "acts"), *options]) == 1
    told = capsys.readouterr().err
    assert complaint in told and told.startswith(f"probe: {options[-2]} must be ")


def test_what_is_not_there_is_called_so(tmp_path, capsys):
    for arguments in (["scan", "missing"], ["extract", "missing", "--out", str(tmp_path / "acts")]):
        assert main(arguments) == 1
        assert capsys.readouterr().err == "probe: missing: no such file or folder\n"


MISTAKEN = """
import json, sys
class Refusing:
    def find_spec(self, name, *others):
        if name.partition(".")[0] in ("tensorflow", "keras"):
            raise ImportError(f"{name} is not to be imported")
sys.meta_path.insert(0, Refusing())
from probe.cli.main import main
sys.exit(any(main(["extract", *arguments]) != 1 for arguments in json.loads(sys.argv[1])))
"""


def test_simple_mistakes_are_told_before_tensorflow_is_loaded(run, text, tmp_path):
    out = ["--out", str(tmp_path / "acts")]
    mistakes = [[str(run), "--out", str(run)], [str(run), "--out", str(text)], ["missing", *out],
                [str(run), "missing.txt", *out], [str(text), str(text), *out], [str(run), "--layers", "9", *out],
                [str(run), "--units", "8", *out], [str(run), "--signals", "soul", *out], [str(run), "--to", "0", *out],
                [str(run), "--checkpoint", "7", *out]]
    done = subprocess.run([sys.executable, "-c", MISTAKEN, json.dumps(mistakes)], capture_output=True, text=True,
                          check=False, env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])})
    assert (done.returncode, done.stderr.count("\n")) == (0, len(mistakes)), done.stderr


def test_it_says_no_more_than_a_few_lines(run, tmp_path, capsys):
    assert main(["extract", str(run), "--out", str(tmp_path / "acts"), "--signals", "all", "--overlap", "50"]) == 0
    plan, scheme, deviation, end = capsys.readouterr().out.splitlines()
    assert "layer 1: all signals of 8 units; in float16" in plan
    assert scheme == "read as 64 streams, each warmed up on 50 characters"
    assert deviation.startswith("64 streams deviate from one, measured on 8,040 characters: by ")
    assert end.endswith(f"next: probe scan {tmp_path / 'acts'}")


def test_a_folder_of_something_else_is_refused_before_anything_is_computed(run, capsys, monkeypatch):
    monkeypatch.setattr("probe.cli.extract._measured", lambda extraction: pytest.fail("it was read"))
    assert main(["extract", str(run), "--out", str(run)]) == 1
    assert "is not empty and holds no activations; name a new folder" in capsys.readouterr().err


def test_a_store_of_other_signals_is_refused_in_words(run, tmp_path, capsys):
    command = ["extract", str(run), "--out", str(tmp_path / "acts"), "--to", "500"]
    assert main(command) == 0
    assert main([*command, "--signals", "all"]) == 1
    told = capsys.readouterr().err
    assert "signals: hidden there, all asked for" in told and "[" not in told


def test_a_stopped_extraction_tells_from_where_it_goes_on(run, tmp_path, capsys, monkeypatch):
    from probe.activations.store import part
    from probe.activations.store.writer import _Writing

    monkeypatch.setattr(part, "PART_ROWS", 400)
    save = _Writing._save

    def stopped(*arguments):
        if len(arguments[1].parts) == 2:
            raise Interrupted("stopped")
        return save(*arguments)

    command = ["extract", str(run), "--out", str(tmp_path / "acts"), "--to", "1500", "--streams", "1"]
    with monkeypatch.context() as patch:
        patch.setattr(_Writing, "_save", stopped)
        assert main(command) == 130
    capsys.readouterr()
    assert main(command) == 0
    assert "goes on after 800 of 1,500 rows" in capsys.readouterr().out


def test_what_will_not_fit_is_told_before_anything_is_read(run, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(size, "free_bytes", lambda folder: 1000)
    assert main(["extract", str(run), "--out", str(tmp_path / "acts")]) == 1
    assert "acts: needs " in capsys.readouterr().err
    assert not (tmp_path / "acts").exists()


def test_a_network_of_others_is_extracted_and_scanned(text, run, tmp_path, capsys):
    from probe.model.engine import keras

    size = len(set(TEXT))
    theirs = str(tmp_path / "theirs.keras")
    keras.Sequential([keras.Input((None,)), keras.layers.Embedding(size, 4),
                      keras.layers.LSTM(5, return_sequences=True, name="reader"),
                      keras.layers.Dense(size)]).save(theirs)
    told = ["--mapping", "sorted", "--layers", "reader", "--streams", "1"]
    out, found = tmp_path / "acts", tmp_path / "findings"
    assert main(["extract", theirs, str(text), "--out", str(out), "--signals", "hidden,cell", *told]) == 0
    store = Store.open(out)
    assert dict(store.units) == {("reader", "hidden"): tuple(range(5)), ("reader", "cell"): tuple(range(5))}
    assert len(store.signals["reader", "cell"]) == len(TEXT)
    assert main(["scan", str(out), "--patterns", "word_start"]) == 0
    assert main(["scan", theirs, str(text), "--patterns", "word_start", "--out", str(found), *told]) == 0
    assert (found / "findings.json").exists()
    capsys.readouterr()
    for arguments, complaint in ((["extract", theirs, "--out", str(out)], "give TEXT after it"),
                                 (["extract", theirs, str(text), "--out", str(out), "--checkpoint", "3"],
                                  "is for runs"),
                                 (["extract", str(run), "--out", str(out), "--mapping", "sorted"],
                                  "--mapping is for networks of others")):
        assert main(arguments) == 1
        assert complaint in capsys.readouterr().err
