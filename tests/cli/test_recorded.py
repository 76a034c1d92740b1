"""``probe sample --record``, ``probe show`` and the flags of coloured text, as a person types them."""

import io
import json
import re
from pathlib import Path

import numpy as np
import pytest

from probe.activations import Extraction, ExtractOptions, Store
from probe.activations.store import StoreOptions, write_store
from probe.cli.main import main
from probe.corpus import Corpus
from probe.model import ModelOptions, Run
from probe.render.alignment import PREDICTED, READ
from probe.train import TrainOptions, train

SIGNALS = ("hidden", "cell", "input_gate", "forget_gate", "candidate", "output_gate")
STYLED = re.compile(r"\x1b\[48;[0-9;]*m")


@pytest.fixture(scope="module")
def folder(text, tmp_path_factory) -> Path:
    place = tmp_path_factory.mktemp("recorded") / "run"
    options = TrainOptions(steps=60, batch=4, length=20, validate_every=60, learning_rate=0.1)
    train(text, place, ModelOptions(units=8, layers=2), options, show=False)
    return place


@pytest.fixture(scope="module")
def windows(text, tmp_path_factory) -> Path:
    place = tmp_path_factory.mktemp("windows") / "run"
    options = TrainOptions(steps=5, batch=4, length=12, validate_every=5, objective="last")
    train(text, place, ModelOptions(units=8, input="scalar"), options, show=False)
    return place


@pytest.fixture(scope="module")
def acts(folder, tmp_path_factory) -> Path:
    place = tmp_path_factory.mktemp("acts") / "acts"
    options = ExtractOptions(signals="hidden,cell,forget_gate", streams=1)
    write_store(Extraction.of(Run.open(folder), options=options), place, StoreOptions("float32"), show=False)
    return place


def styled(sent: str) -> list[tuple[str, str]]:
    """Each character with the style that it is sent in."""
    pieces, style = [], ""
    for escape, character in re.findall(r"(\x1b\[[0-9;]*m)|([^\x1b])", sent):
        style = ("" if escape == "\x1b[0m" else escape) if escape else style
        pieces += [(character, style)] * bool(character)
    return pieces


def arrays(store: Store) -> dict[tuple[str, str], np.ndarray]:
    return {source: np.asarray(array) for source, array in store.signals.items()}


def read_again(folder: Path, store: Store, place: Path, **options) -> dict[tuple[str, str], np.ndarray]:
    """What reading the recorded text from the beginning gives."""
    path = place / "written.txt"
    path.write_bytes(store.corpus.document().text.encode("utf-8"))
    run = Run.open(folder)
    corpus = Corpus.read(path, vocabulary=run.corpus.vocabulary)
    extraction = Extraction.of(run, corpus=corpus, options=ExtractOptions(signals="all", streams=1, **options))
    return {source: np.concatenate([block.rows(source) for block in extraction]) for source in extraction.units}


def test_what_is_recorded_is_what_reading_the_written_text_again_gives(folder, tmp_path, capsys):
    command = ["sample", str(folder), "--prompt", "The cat, ", "--length", "120", "--seed", "3"]
    assert main([*command, "--record", str(tmp_path / "acts"), "--signals", "all", "--dtype", "float32"]) == 0
    written, told = capsys.readouterr()
    assert "probe show" in told
    assert main(command) == 0
    assert capsys.readouterr().out == written
    store = Store.open(tmp_path / "acts")
    assert store.corpus.document().text == written and len(written) == len("The cat, ") + 120
    assert store.provenance["written"]["prompt"] == 9 and store.provenance["scheme"] == "one stream from the zero state"
    again = read_again(folder, store, tmp_path)
    recorded = arrays(store)
    assert set(recorded) == {(layer, signal) for layer in "12" for signal in SIGNALS}
    for source, rows in recorded.items():
        np.testing.assert_allclose(rows, again[source], atol=2e-6)
        assert rows.std() > 1e-4


def test_windows_are_recorded_as_they_are_read(windows, tmp_path, capsys):
    record = tmp_path / "acts"
    assert main(["sample", str(windows), "--length", "30", "--record", str(record), "--dtype", "float32"]) == 0
    store = Store.open(record)
    assert "windows of 12 characters" in store.provenance["scheme"]
    again = read_again(windows, store, tmp_path, windowed=12)
    np.testing.assert_allclose(arrays(store)["1", "hidden"][11:], again["1", "hidden"], atol=2e-6)


def test_a_recording_is_shown_scanned_and_counted(folder, tmp_path, capsys):
    record = str(tmp_path / "acts")
    assert main(["sample", str(folder), "--length", "600", "--record", record, "--signals", "hidden,forget_gate"]) == 0
    capsys.readouterr()
    assert main(["show", record, "--unit", "2:7", "--colour", "never"]) == 0
    assert capsys.readouterr().out.startswith("unit 2:7, hidden, characters 0 to 601")
    assert main(["scan", record, "--patterns", "whitespace,vowel", "--json"]) == 0
    assert {row["pattern"] for row in json.loads(capsys.readouterr().out)} <= {"whitespace", "vowel"}
    assert main(["gates", record, "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)) == 16


@pytest.mark.parametrize(("arguments", "complaint"), [
    (["--length", "0"], "--record needs a --length"),
    (["--signals", "hiden"], "--signals must be all, or some of"),
    (["--length", "20000000"], "enough for 16,777,216 characters"),
])
def test_a_recording_that_cannot_be_is_refused_before_it_writes(folder, tmp_path, capsys, arguments, complaint):
    assert main(["sample", str(folder), "--prompt", "The ", "--record", str(tmp_path / "acts"), *arguments]) == 1
    out, error = capsys.readouterr()
    assert out == "" and complaint in error and error.count("\n") == 1
    assert not (tmp_path / "acts").exists()


def test_what_was_written_before_ctrl_c_is_kept(folder, tmp_path, capsys, monkeypatch):
    sent = []

    def send(text):
        sent.append(text)
        if len(sent) == 40:
            raise KeyboardInterrupt

    monkeypatch.setattr("probe.cli.sample._send", send)
    assert main(["sample", str(folder), "--prompt", "The ", "--record", str(tmp_path / "acts")]) == 130
    text = Store.open(tmp_path / "acts").corpus.document().text
    assert text == "".join(sent)[:len(text)] and len(text) == 4 + 39


def test_a_folder_that_is_there_is_not_recorded_over(folder, tmp_path, capsys):
    (tmp_path / "mine.txt").write_text("mine")
    assert main(["sample", str(folder), "--record", str(tmp_path)]) == 1
    assert "is not empty and holds no activations" in capsys.readouterr().err
    assert (tmp_path / "mine.txt").read_text() == "mine"
    command = ["sample", str(folder), "--length", "5", "--record", str(tmp_path / "acts")]
    assert main(command) == 0
    assert main(command) == 1
    assert "is there already" in capsys.readouterr().err


@pytest.mark.parametrize("alignment", [READ, PREDICTED])
def test_a_unit_of_a_store_lies_on_the_text_as_the_alignment_says(acts, tmp_path, capsys, alignment):
    page = tmp_path / "unit.html"
    assert main(["show", str(acts), "--unit", "1:3", "--signal", "cell", "--from", "40", "--to", "90", "--alignment",
                 alignment.name, "--html", str(page)]) == 0
    shown = page.read_text("utf-8")
    store = Store.open(acts)
    values = store.signals["1", "cell"][40:90, 3]
    titles = [float(value) for value in re.findall(r'<span class="c[^"]*" title="[^"]*: (-?[0-9.]+), scaled', shown)]
    np.testing.assert_allclose(titles, values[:50 - alignment.shift], atol=6e-4)
    letters = re.findall(r'<span class="c[^>]*>([^<])</span>', shown)
    assert "".join(letters) == store.corpus.document(40 + alignment.shift, 90).text
    assert f"laid on {alignment.meaning}" in shown and "tanh of the value" in shown and "unit 1:3, cell" in shown


def test_colours_go_where_they_are_wanted_and_their_absence_is_told(acts, capsys, monkeypatch):
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("COLORTERM", raising=False)
    command = ["show", str(acts), "--unit", "1:3", "--to", "60"]
    assert main(command) == 0
    out, error = capsys.readouterr()
    assert not STYLED.search(out) and "--colour always" in error and "--html" in error
    assert main([*command, "--colour", "always"]) == 0
    out, error = capsys.readouterr()
    assert STYLED.search(out) and error == ""
    assert main([*command, "--colour", "never"]) == 0
    out, error = capsys.readouterr()
    assert not STYLED.search(out) and error == ""
    monkeypatch.setenv("NO_COLOR", "1")
    assert main(command) == 0
    out, error = capsys.readouterr()
    assert not STYLED.search(out) and error == ""
    assert main([*command, "--colour", "pink"]) == 1
    assert "--colour must be one of auto, always, never" in capsys.readouterr().err


def test_a_figure_is_drawn(acts, tmp_path, capsys):
    assert main(["show", str(acts), "--unit", "2:0", "--signal", "forget_gate", "--to", "200", "--plot",
                 str(tmp_path / "unit.svg")]) == 0
    assert (tmp_path / "unit.svg").read_text("utf-8").startswith("<?xml")


@pytest.mark.parametrize(("arguments", "complaint"), [
    (["3:0"], "--unit must be LAYER:UNIT with a layer of 1, 2 and a unit of 0 to 7; received '3:0'"),
    (["1:8"], "received '1:8'"), (["nonsense"], "received 'nonsense'"),
    (["1:0", "--signal", "candidate"], "--signal must be one of hidden, cell, forget_gate"),
    (["1:0", "--from", "90", "--to", "10"], "--from must come before --to; received 90 to 10"),
    (["1:0", "--to", "9999999"], "--from and --to must lie in 0 to"),
    (["1:0", "--scaling", "log"], "--scaling must be one of suited, sigmoid"),
    (["1:0", "--alignment", "left"], "--alignment must be one of read, predicted"),
])
def test_mistakes_are_one_line(acts, capsys, arguments, complaint):
    assert main(["show", str(acts), "--unit", *arguments]) == 1
    out, error = capsys.readouterr()
    assert out == "" and complaint in error and error.count("\n") == 1


def test_what_is_no_store_is_called_what_it_is_with_the_command_that_makes_one(folder, tmp_path, capsys):
    (tmp_path / "network").mkdir()
    (tmp_path / "network" / "network.json").write_text("{}")
    for name in ("theirs.keras", "theirs.H5", "notes.txt"):
        (tmp_path / name).write_text("anything")
    for name, command, complaint in [
        *[(tmp_path / name, [command, *rest], f"is a network; 'probe extract {tmp_path / name} TEXT --out "
           f"acts/{(tmp_path / name).stem}{recording}' records")
          for name in ("theirs.keras", "theirs.H5", "network")
          for command, rest, recording in (("show", ["--unit", "1:0"], ""), ("gates", [], " --signals all"))],
        (tmp_path / "notes.txt", ["show", "--unit", "1:0"], "is a file; accepted is a folder of activations"),
        (tmp_path / "nothing", ["show", "--unit", "1:0"], "no such folder"),
    ]:
        assert main([command[0], str(name), *command[1:]]) == 1
        error = capsys.readouterr().err
        assert error.startswith(f"probe: {name}: {complaint}") and error.count("\n") == 1


def test_a_store_of_some_characters_is_not_coloured(folder, tmp_path, capsys):
    write_store(Extraction.of(Run.open(folder)), tmp_path / "acts", StoreOptions(every=3), show=False)
    assert main(["show", str(tmp_path / "acts"), "--unit", "1:0"]) == 1
    assert "keeps one character in 3" in capsys.readouterr().err


def test_a_sample_is_coloured_by_any_signal_on_the_character_read_or_the_next(folder, tmp_path, capsys):
    pages = {}
    for alignment in (READ, PREDICTED):
        page = tmp_path / f"{alignment.name}.html"
        assert main(["sample", str(folder), "--prompt", "The ", "--length", "50", "--show", "2:5", "--signal",
                     "forget_gate", "--alignment", alignment.name, "--colour", "always", "--html", str(page)]) == 0
        out, error = capsys.readouterr()
        assert "unit 2:5, forget gate; colour: the activation as it is: 0 has the first colour" in error
        assert f"laid on {alignment.meaning}" in error
        pages[alignment.name] = (re.findall(r'title="[^"]*: (-?[0-9.]+), scaled', page.read_text("utf-8")),
                                 styled(out))
        assert error.splitlines()[-1] == f"probe: page: {page.resolve()}"
    (read, read_styles), (predicted, predicted_styles) = pages["read"], pages["predicted"]
    assert len(read) == 54 and predicted == read[:-1]
    assert [character for character, _ in read_styles] == [character for character, _ in predicted_styles]
    assert all(style == "" for _, style in read_styles[:4]) and len({style for _, style in read_styles}) > 2
    for (one, style), (other, style_before) in zip(read_styles[4:], predicted_styles[5:], strict=False):
        assert style == style_before or "\n" in (one, other)


def test_a_scaling_that_needs_the_whole_text_is_refused_while_it_comes(folder, capsys):
    assert main(["sample", str(folder), "--show", "1:2", "--scaling", "quantile"]) == 1
    assert "needs the whole text" in capsys.readouterr().err
    assert main(["sample", str(folder), "--html", "page.html"]) == 1
    assert "needs --show" in capsys.readouterr().err


def test_a_scan_shows_passages_with_the_pattern_underlined(folder, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    page = tmp_path / "passages.html"
    command = ["scan", str(folder), "--patterns", "inside_quotes,word_start", "--out", str(tmp_path / "findings"),
               "--passage", "200", "--show", "--alignment", "predicted", "--html", str(page)]
    assert main(command) == 0
    out, error = capsys.readouterr()
    words = " ".join(out.split())
    assert "underlined: inside quotes" in words and "▔▔▔" in out and "no colours" in error
    assert words.count("laid on the next character") == 2
    assert page.read_text("utf-8").count("<figure") == 2
