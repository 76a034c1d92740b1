"""What was meant by a name that is none: of a command, an option, a choice, a folder, a file."""

from pathlib import Path

import pytest

from probe.cli.flags import Parser
from probe.cli.main import main
from probe.errors import UserError
from probe.files import near_path
from probe.options import did_you_mean

# Words of a line, in which braces stand for a folder with the run "runs/alice" → what is suggested.
MISTYPED = {
    ("trian",): "train", ("Scan",): "scan", ("runs", "shw"): "show", ("corpus", "gte", "alice"): "get",
    ("dates", "translat"): "translate", ("patterns", "lst"): "list", ("completion", "bsh"): "bash",
    ("train", "{}/fox.txt", "--run", "new", "--stepps", "3"): "--steps",
    ("runs", "show", "x", "--jsn"): "--json", ("dates", "train", "--run", "new", "--locals=en"): "--locales",
    ("train", "{}/fox.txt", "--run", "new", "--preset", "smal"): "small",
    ("train", "{}/fox.txt", "--run", "new", "--schedule", "Cosin"): "cosine",
    ("train", "{}/fox.txt", "--run", "new", "--kernel", "fuse"): "fused",
    ("train", "{}/fix.txt", "--run", "new"): "{}/fox.txt", ("train", "alise", "--run", "new"): "alice",
    ("train", "embeded", "--run", "new"): "embedded",
    ("train", "{}/fox.txt", "--run", "new", "--encoding", "uft-8"): "utf-8",
    ("corpus", "get", "alise"): "alice", ("explain", "{}/runs/alise", "--text", "a"): "{}/runs/alice",
    ("explain", "x", "--method", "occlussion"): "occlusion", ("explain", "x", "--pads", "msk"): "mask",
    **{(command, "{}/runs/alise", *others): "{}/runs/alice" for command, *others in (
        ("sample",), ("scan",), ("extract", "--out", "new"), ("findings",), ("gallery",), ("gates",),
        ("show", "--unit", "1:0"), ("export", "--as", "npy", "--out", "new.npy"))},
    ("runs", "show", "{}/runs/alise"): "{}/runs/alice",
    ("dates", "translate", "--run", "{}/runs/alise", "May"): "{}/runs/alice",
    ("import", "{}/netwrk.h5"): "{}/network.h5",
    ("sample", "x", "--signal", "cel"): "cell", ("sample", "x", "--colour", "allways"): "always",
    ("sample", "x", "--signals", "hidden,cel"): "cell",
    ("scan", "x", "--palette", "artikle"): "article", ("scan", "x", "--scaling", "rwa"): "raw",
    ("scan", "x", "--alignment", "predictd"): "predicted",
    ("dates", "record", "--out", "new", "--layers", "decodr"): "decoder",
    ("dates", "examples", "--styles", "mediun"): "medium", ("dates", "examples", "--preset", "englsh"): "english",
    ("patterns", "preview", "inside_quote", "{}/fox.txt"): "inside_quotes",
    ("patterns", "preview", "Column", "{}/fox.txt"): "column",
    ("export", "{}/runs/alice", "--as", "nzp", "--out", "new.nzp"): "npz",
}


@pytest.fixture(scope="module")
def there(tmp_path_factory) -> str:
    """A folder with a text, a network's file and what looks like a run."""
    folder = tmp_path_factory.mktemp("there")
    (folder / "runs" / "alice").mkdir(parents=True)
    (folder / "runs" / "other").mkdir()
    (folder / "runs" / "alice" / "run.json").write_text("{}")
    for name in ("fox.txt", "network.h5"):
        (folder / name).write_text("The fox sat.\n" * 30)
    return str(folder)


@pytest.mark.parametrize("line", MISTYPED, ids=" ".join)
def test_what_was_meant_is_suggested(line, there, capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PROBE_CACHE", str(tmp_path))
    assert main([word.replace("{}", there) for word in line]) == 1
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    meant = MISTYPED[line].replace("{}", there)
    assert f"did you mean {meant!r}?" in told or f"did you mean {meant}?" in told
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_holds_no_run_is_not_meant(there):
    runs = Path(there) / "runs"
    assert near_path(runs / "othr", ("run.json",)) == ""
    assert near_path(runs / "alise", ("run.json",)) == f"; did you mean {str(runs / 'alice')!r}?"
    assert near_path(runs / "alise") == near_path(runs / "gone" / "alise", ("run.json",)) == ""
    assert near_path(Path(there) / "fix.txt", endings=(".md",)) == ""


def test_nothing_is_suggested_where_nothing_is_near():
    assert did_you_mean("zebra", ("column", "digit")) == did_you_mean("x", ()) == ""
    parser = Parser(prog="probe sample")
    parser.add_argument("--steps")
    with pytest.raises(UserError, match=r"^unrecognized arguments: --zebra; see 'probe sample --help'$"):
        parser.parse_args(["--zebra"])
    with pytest.raises(UserError, match=r"did you mean '--steps'\? See 'probe sample --help'$"):
        parser.parse_args(["--step=3"])
