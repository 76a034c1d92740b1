"""The command line from a text to a page, as a person types it."""

import contextlib
import csv
import io
import json
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from probe.cli import demo
from probe.cli.main import COMMANDS, main
from probe.model import ModelOptions
from probe.scan import Findings, ScanOptions
from probe.train import PRESETS
from tests.cli.tiny import SMALL, training
from tests.forked import PROBE, SCRIPT, ran


@pytest.fixture(scope="module")
def run(text, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("runs") / "fox"
    assert main(["train", str(text), "--run", str(folder), "--steps", "20", *SMALL]) == 0
    return folder


def test_help_of_every_command_has_an_example(capsys):
    assert main(["--help"]) == 0
    overview = capsys.readouterr().out
    for name in COMMANDS:
        assert name in overview
        with pytest.raises(SystemExit) as stopped:
            main([name, "--help"])
        assert stopped.value.code == 0
        assert f"  probe {name}" in capsys.readouterr().out


def test_training_again_reuses_and_training_longer_goes_on(text, run, capsys):
    assert main(["train", str(text), "--run", str(run), "--steps", "20", *SMALL]) == 0
    assert "nothing to do" in capsys.readouterr().out
    assert main(["train", str(text), "--run", str(run), "--steps", "25", *SMALL]) == 0
    printed = capsys.readouterr().out
    assert "goes on at step 20" in printed
    assert "; plan: 25 steps (was 20 steps)\n" in printed


def test_scan_writes_findings_table_and_json(run, tmp_path, capsys):
    out, table = tmp_path / "findings", tmp_path / "all.csv"
    command = ["scan", str(run), "--out", str(out), "--patterns", "inside_quotes,word_start", "--top", "2"]
    assert main([*command, "--csv", str(table)]) == 0
    printed = capsys.readouterr().out
    assert "inside_quotes" in printed
    assert str(out) in printed
    with open(table, newline="") as file:
        assert len(list(csv.DictReader(file))) == 2 * 8
    assert main([*command, "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert [(row["pattern"], row["rank"]) for row in rows] == [("inside_quotes", 1), ("inside_quotes", 2),
                                                               ("word_start", 1), ("word_start", 2)]


def test_a_foreign_text_is_scanned_with_a_stand_in_for_strange_characters(run, tmp_path, capsys):
    foreign = tmp_path / "other.txt"
    foreign.write_text("The cat said “who?” and ran — as cats do.\n" * 60, encoding="utf-8")
    command = ["scan", str(run), str(foreign), "--out", str(tmp_path / "f"), "--patterns", "word_start"]
    assert main(command) == 1
    assert "U+003F" in capsys.readouterr().err
    assert main([*command, "--stand-in", " "]) == 0
    provenance = json.loads((tmp_path / "f" / "findings.json").read_text())["content"]["provenance"]
    assert provenance["corpus"]["sha256"] != provenance["trained_on"]["sha256"]
    assert provenance["selection"]["stop"] == provenance["confirmation"]["start"] == 60 * 42 // 2


def test_its_own_text_named_again_is_still_confirmed_on_the_test_split(text, run, tmp_path, capsys):
    from probe.model import Run

    assert main(["scan", str(run), str(text), "--out", str(tmp_path / "f"), "--patterns", "word_start"]) == 0
    provenance = json.loads((tmp_path / "f" / "findings.json").read_text())["content"]["provenance"]
    assert provenance["confirmation"]["start"] == Run.open(run).corpus.splits.test.start


def test_gallery_from_findings(run, tmp_path, capsys):
    assert main(["scan", str(run), "--out", str(tmp_path / "f")]) == 0
    page = tmp_path / "page.html"
    assert main(["gallery", str(tmp_path / "f"), "--out", str(page)]) == 0
    assert str(page) in capsys.readouterr().out
    assert "inside quotes" in page.read_text("utf-8")


@pytest.fixture(scope="module")
def _small_demo() -> Iterator[None]:
    """The same job with a small network and a scan of two patterns, which needs no minutes."""
    small = replace(PRESETS["small"], model=ModelOptions(units=8))
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(demo.PRESETS, "small", small)
        patch.setattr(demo, "SCAN", ScanOptions(patterns="inside_quotes,word_start", twins=2, rolls=20))
        yield


@pytest.fixture(scope="module")
def shown(text, tmp_path_factory, _small_demo) -> tuple[list[str], Path, str]:
    """A demo's command line, its folder, and what it printed."""
    folder = tmp_path_factory.mktemp("demo") / "run"
    command = ["demo", str(text), "--run", str(folder), "--minutes", "0.02"]
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        assert main(command) == 0
    return command, folder, printed.getvalue()


def test_demo_reuses_what_is_done(shown, capsys):
    command, folder, first = shown
    assert str(folder / "gallery.html") in first
    assert "reused" not in first
    assert main(command) == 0
    again = capsys.readouterr().out
    assert "nothing to do" in again
    assert "already scanned with these weights; reused" in again


# A network of a second's training may well depend on where its reading began.
@pytest.mark.filterwarnings("ignore:what the network does depends on where its reading began")
def test_demo_does_not_take_a_foreign_scan_for_its_own(shown, tmp_path, capsys):
    (command, folder, _), foreign = shown, tmp_path / "foreign.txt"
    foreign.write_text("The cat, who did not come in, said the fox. " * 60, encoding="utf-8")
    # All of its provenance but the text is that of the demo's own.
    scan = ["scan", str(folder), str(foreign), "--characters", "400000", "--patterns", demo.SCAN.patterns, "--twins",
            "2", "--rolls", "20"]
    assert main(scan) == 0
    assert (folder / "findings-foreign" / "findings.json").exists()
    shutil.rmtree(folder / "findings")
    (folder / "findings-foreign").rename(folder / "findings")
    assert Findings.load(folder / "findings").provenance["scan"] == asdict(demo.SCAN)
    capsys.readouterr()
    assert main(command) == 0
    assert "reused" not in capsys.readouterr().out


@pytest.mark.parametrize("words", [["patterns", "list"], ["corpus", "--help"]])
def test_output_that_cannot_be_written_is_told_in_a_line(words):
    if not Path("/dev/full").exists():
        pytest.skip("needs /dev/full")
    with open("/dev/full", "w") as full:
        done = subprocess.run([sys.executable, "-m", "probe", *words], stdout=full, stderr=subprocess.PIPE, text=True,
                              check=False)
    assert (done.returncode, done.stderr) == (1, "probe: output: No space left on device\n")


def test_a_closed_pipe_is_nobody_s_mistake():
    command = f"{sys.executable} -m probe patterns list | head -1"
    done = subprocess.run(command, shell=True, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("name")
    assert done.stderr == ""


CLOSED = {">&-": ("stdout",), "2>&-": ("stderr",), ">&- 2>&-": ("stdout", "stderr")}


@pytest.mark.parametrize("closed", CLOSED)
def test_an_output_that_was_closed_from_the_start_is_no_mistake(closed, text, tmp_path):
    command = shlex.join([sys.executable, "-m", "probe", "patterns", "list"])
    done = subprocess.run(f"{command} {closed}", shell=True, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    # As Python begins where an output is closed.
    without = "".join(f"os.close(sys.{name}.fileno()); sys.{name} = None; " for name in CLOSED[closed])
    trained = ran(["train", str(text), "--run", str(tmp_path / "r"), "--steps", "1", *SMALL],
                  f"import os, sys; {without}{PROBE}")
    assert (trained.returncode, trained.stderr) == (0, "")
    assert (trained.stdout == "") == ("stdout" in CLOSED[closed])


def test_patterns_are_listed_and_previewed(text, capsys):
    assert main(["patterns", "list"]) == 0
    assert "inside_quotes" in capsys.readouterr().out
    assert main(["patterns", "list", "--json"]) == 0
    assert {"name", "group", "kind", "meaning"} == set(json.loads(capsys.readouterr().out)[0])
    assert main(["patterns", "preview", "inside_quotes", str(text), "--characters", "40"]) == 0
    shown, marks = capsys.readouterr().out.splitlines()[:2]
    assert shown.startswith("“Come in,”")
    assert marks == " ^^^^^^^^"
    # A part of the text is labelled as in the whole: the quotation that began before it goes on.
    assert main(["patterns", "preview", "inside_quotes", str(text), "--from", "3", "--characters", "10"]) == 0
    assert capsys.readouterr().out.splitlines()[:2] == ["me in,” sa", "^^^^^^"]


def test_corpora_are_listed(capsys):
    assert main(["corpus", "list"]) == 0
    assert "war-and-peace" in capsys.readouterr().out
    assert main(["corpus", "list", "--json"]) == 0
    assert {entry["name"] for entry in json.loads(capsys.readouterr().out)} >= {"alice", "text8", "enwik8"}


MISTAKES = {
    "no such command": (["trian"], "did you mean 'train'?"),
    "no such flag": (["train", "x", "--run", "{new}", "--unit", "3"], "unrecognized arguments: --unit 3"),
    "not a number": (["train", "x", "--run", "{new}", "--units", "many"], "invalid int value: 'many'"),
    "out of bounds": (["train", "x", "--run", "{new}", "--dropout", "1"], "--dropout must be below 1; received 1.0"),
    "not finite": (["train", "x", "--run", "{new}", "--learning-rate", "nan"], "must be a finite number; received nan"),
    "no such choice": (["train", "x", "--run", "{new}", "--kernel", "gpu"], "must be one of auto, cudnn, fused, keras"),
    "no such preset": (["train", "x", "--run", "{new}", "--preset", "tiny"], "accepted are small, karpathy, article"),
    "no such text": (["train", "{new}", "--run", "{new}"], "no such file, and no corpus of that name"),
    "not fetched": (["train", "enwik8", "--run", "{new}"], "probe corpus get enwik8"),
    "a folder as text": (["train", "{folder}", "--run", "{new}"], "is a folder"),
    "an empty text": (["train", "{empty}", "--run", "{new}"], "empty"),
    "one character": (["train", "{one}", "--run", "{new}"], "one character"),
    "a binary file": (["train", "{binary}", "--run", "{new}"], "binary"),
    "a wrong byte": (["train", "{latin}", "--run", "{new}"], "--encoding"),
    "no such encoding": (["train", "{latin}", "--run", "{new}", "--encoding", "latin-77"], "latin-77"),
    "splits": (["train", "{latin}", "--run", "{new}", "--splits", "1,2"], "splits"),
    "not a run": (["scan", "{folder}"], "not a run"),
    "no such pattern": (["scan", "{run}", "--patterns", "inside_quote"], "did you mean 'inside_quotes'?"),
    "no such checkpoint": (["scan", "{run}", "--checkpoint", "7"], "no checkpoint 7"),
    "a checkpoint by a wrong word": (["scan", "{run}", "--checkpoint", "bset"], "no checkpoint 'bset'"),
    "not findings": (["gallery", "{folder}"], "holds no findings"),
    "no such corpus": (["corpus", "get", "alise"], "did you mean 'alice'?"),
    "no action": (["corpus"], "the following arguments are required"),
    "no such pattern to preview": (["patterns", "preview", "colum", "{text}"], "did you mean 'column'?"),
    "preview outside": (["patterns", "preview", "column", "{text}", "--from", "1000000"], "--from must lie within"),
    "a name too long": (["train", "{text}", "--run", "{new}" + "n" * 300, "--steps", "1"], "File name too long"),
    "a text name too long": (["train", "n" * 300, "--run", "{new}"], "File name too long"),
    "a page name too long": (["gallery", "n" * 300], "File name too long"),
    "too many units": (["train", "x", "--run", "{new}", "--units", "100000000"], "--units must be at most 16384"),
    "half a unit": (["train", "x", "--run", "{new}", "--units", "1.5"], "invalid int value: '1.5'"),
    "a name that drives the terminal": (["train", "{text}", "--run", "{new}\x1b[31mX"], "must be printable"),
    "a file in the way": (["scan", "{run}", "--out", "{latin}"], "is a file"),
    "a stranger's folder in the way": (["scan", "{run}", "--out", "{in}"], "holds no findings; name a new folder"),
    "too long a training": (["train", "x", "--run", "{new}", "--epochs", "inf"], "--epochs must be a finite number"),
    "two stand-ins": (["scan", "{run}", "{latin}", "--stand-in", "ab"], "--stand-in must be one character"),
    "no such folder of runs": (["runs", "list", "{new}"], "no such folder"),
    "no run to show": (["runs", "show", "{folder}"], "not a run"),
    "a plot of no such kind": (["runs", "show", "{run}", "--plot", "{new}.gif"], "ends in .png, .svg, .pdf"),
    "nothing to do with runs": (["runs"], "the following arguments are required"),
    "no run to write": (["sample", "{folder}"], "not a run"),
    "no such checkpoint to write": (["sample", "{run}", "--checkpoint", "7"], "no checkpoint 7"),
    "a cold temperature": (["sample", "{run}", "--temperature", "0"], "--temperature must be above 0; received 0.0"),
    "an unknown character": (["sample", "{run}", "--prompt", "fox§"], "'\\xa7' (U+00A7), which the network never read"),
    "no prompt": (["sample", "{run}", "--prompt", ""], "at least one character"),
    "no such unit": (["sample", "{run}", "--show", "1:8"],
                     "--show must be LAYER:UNIT with a layer of 1 and a unit of 0 to 7"),
    "a unit by a wrong name": (["sample", "{run}", "--show", "1:" + "9" * 5000], "--show must be LAYER:UNIT"),
    "negative patience": (["train", "x", "--run", "{new}", "--patience", "-1"], "--patience must be at least 0"),
    "no device": (["train", "x", "--run", "{new}", "--devices", "0"], "--devices must be at least 1; received 0"),
    "fewer devices": (["train", "x", "--run", "{new}", "--devices", "-2"], "--devices must be at least 1; received -2"),
    "more devices than streams": (["train", "x", "--run", "{new}", "--devices", "5", "--batch", "4"],
                                  "--devices must be at most --batch, 4; received 5"),
    "devices too late": (["train", "{text}", "--run", "{new}", "--steps", "1", "--devices", "2"],
                         "TensorFlow has already started in this process with 1"),
    "a precision of another kernel": (["train", "x", "--run", "{new}", "--precision", "bfloat16", "--kernel", "keras"],
                                      "give --kernel fused, or --precision float32"),
    "a norm beyond float32": (["train", "x", "--run", "{new}", "--clip", "1e300"], "--clip must be at most 1e+30"),
    "no time": (["demo", "{text}", "--run", "{new}", "--minutes", "0"], "--minutes must be above 0"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_gets_one_line_and_status_1_and_nothing_is_written(name, text, run, tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("PROBE_CACHE", str(tmp_path / "cache"))
    inputs = tmp_path / "in"
    inputs.mkdir()
    (inputs / "folder").mkdir()
    for file, content in (("empty", b""), ("one", b"a"), ("binary", b"\x7fELF\x00\x01\x02\x00" * 50),
                          ("latin", "café ".encode("latin-1") * 100)):
        (inputs / file).write_bytes(content)
    places = {"new": tmp_path / "new", "run": run, "text": text, "in": inputs,
              **{file: inputs / file for file in ("folder", "empty", "one", "binary", "latin")}}
    arguments, expected = MISTAKES[name]
    before = sorted(tmp_path.rglob("*"))
    assert main([argument.format(**places) for argument in arguments]) == 1
    printed = capsys.readouterr()
    assert printed.err.startswith("probe: ")
    assert printed.err.count("\n") == 1
    assert expected in printed.err
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_ctrl_c_and_sigterm_and_a_closed_terminal_save_and_exit_130(number, text, tmp_path):
    folder = tmp_path / "run"
    with training(text, folder) as process:
        process.send_signal(number)
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "everything is saved, the same command goes on" in errors
    assert errors.count("\n") == 1
    assert list((folder / "checkpoints").glob("step-*.json"))


def test_scripts_run_from_text_to_page(text, tmp_path):
    root = Path(__file__).resolve().parents[2]

    def script(name: str, *arguments: str) -> str:
        done = ran(arguments, SCRIPT, str(root / "scripts" / name), folder=tmp_path)
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert "bits a character" in script("train_resumable.py", str(text), "runs/fox", "0.02")
    assert "inside_quotes" in script("sweep_units.py", "runs/fox", "inside_quotes")
    assert "gallery.html" in script("build_gallery.py", "runs/fox/findings", "gallery.html")
    assert (tmp_path / "gallery.html").stat().st_size > 10_000


def test_patterns_of_ones_own_are_previewed(text, tmp_path, capsys):
    preview = ["patterns", "preview"]
    characters = len(text.read_text(encoding="utf-8"))
    (tmp_path / "first.json").write_text("[[0, 2]]", encoding="utf-8")
    own = ["--regex", "fox=f(?P<o>o)x", "--labels", f"first={tmp_path / 'first.json'}",
           "--expression", "late=shift(fox, 1) | first", "--pattern", "same=builtins:len"]
    assert main([*preview, "late", str(text), "--characters", "60", *own[:-2]]) == 0
    first, marks = capsys.readouterr().out.split("\n")[:2]
    expected = {0, 1} | {place + 2 for place in range(len(first)) if first.startswith("fox", place)}
    assert {place for place, mark in enumerate(marks) if mark == "^"} == {e for e in expected if e < len(first)}
    for arguments, complaint in (
            (["same", str(text), *own], "builtins:len must return a boolean or a number for each of"),
            (["surprise", str(text)], "'surprise' is about a network that reads; 'probe scan' labels by it"),
            (["zzzzz", str(text)], "no pattern is called 'zzzzz'; 'probe patterns list' names them"),
            (["x", str(text), "--regex", "x"], "--regex NAME=EXPRESSION is the form; received 'x'"),
            (["x", str(text), "--labels", "x="], "--labels NAME=FILE is the form; received 'x='"),
            (["x", str(text), "--expression", "x=fox"], "no pattern is called 'fox'")):
        assert main([*preview, *arguments]) == 1
        assert complaint in capsys.readouterr().err
    (tmp_path / "short.txt").write_text("0101", encoding="utf-8")
    assert main([*preview, "x", str(text), "--labels", f"x={tmp_path / 'short.txt'}"]) == 1
    assert f"labels 4 characters; received a text of {characters:,}" in capsys.readouterr().err


def test_ctrl_c_waits_for_what_is_being_imported(tmp_path):
    """What is loaded in C would turn the interruption into an ImportError of its own."""
    program = f"""
import importlib, os, signal, sys
from probe.cli import commands, main as cli
real, done = commands.import_module, []
def slow(name):
    os.kill(os.getpid(), signal.SIGINT)
    try:
        command = real(name)
    except BaseException as error:
        raise ImportError("failed to import in C") from error
    open({str(tmp_path / "imported")!r}, "w").close()
    return command
commands.import_module = slow
sys.argv = ["probe", "patterns", "list"]
sys.exit(cli.main())
"""
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert (ended.returncode, ended.stdout, ended.stderr) == (130, "", "probe: interrupted\n")
    assert (tmp_path / "imported").exists()
