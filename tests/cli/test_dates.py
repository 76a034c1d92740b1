"""``probe dates`` as a person types it."""

import io
import json
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from probe.attention import AttentionMaps, DateOptions, DateTexts, Translator, ceiling, diagnose
from probe.attention.dates import PRESETS, STYLES, readings
from probe.attention.translator.run import KIND, VERSION, TranslatorRun
from probe.attention.truth.options import DateTestOptions, DiagnosisOptions
from probe.cli.dates import ACTIONS
from probe.cli.main import main
from probe.files import read_manifest, write_manifest
from probe.model import Run
from tests.attention.translator.conftest import compile_once, open_once
from tests.cli.tiny import SMALL
from tests.forked import SCRIPT, ran

DATES = ["--styles", "medium,full,iso", "--first-year", "2000", "--last-year", "2009"]
TINY = [*DATES, "--units", "12", "--embedding", "6", "--attention", "6", "--batch", "16", "--validate-every", "20",
        "--validate-texts", "40", "--log-every", "5"]
OPTIONS = DateOptions(styles="medium,full,iso", first_year=2000, last_year=2009)


@pytest.fixture(scope="module", autouse=True)
def _compiled_once() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        compile_once(patch)
        open_once(patch)
        yield


@pytest.fixture(scope="module")
def run(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("runs") / "dates"
    assert main(["dates", "train", "--run", str(folder), "--steps", "40", *TINY]) == 0
    return folder


@pytest.fixture(scope="module")
def translator(run) -> Translator:
    return Translator.open(run)


@pytest.fixture
def said(capsys):
    """Return what a command prints, once it has ended well."""
    def of(*arguments: str) -> str:
        capsys.readouterr()
        assert main(["dates", *arguments]) == 0
        return capsys.readouterr().out
    return of


def given(monkeypatch, content: bytes) -> None:
    """Let ``content`` be what the standard input holds."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content), encoding="utf-8"))


def likely(answer: dict) -> list[float]:
    return [each["probability"] for each in answer["outputs"]]


def worded(answer: dict) -> tuple:
    return answer["text"], answer["date"], answer["remarks"], [each["output"] for each in answer["outputs"]]


@pytest.mark.parametrize("name", ACTIONS)
def test_help_of_every_action_has_an_example(name, capsys):
    for arguments in (["dates", "--help"], ["dates", name, "--help"]):
        with pytest.raises(SystemExit) as stopped:
            main(arguments)
        assert stopped.value.code == 0
        helped = capsys.readouterr().out
        assert f"    {name} " in helped or f"  probe dates {name} " in helped


# What examples tell.


def test_examples_are_those_that_a_training_reads(said):
    texts = DateTexts(OPTIONS).draw("train", (7,), 30)
    table = said("examples", *DATES, "--count", "30", "--seed", "7").split("\n\n")[0].splitlines()
    assert len(table) == 31
    for line, each in zip(table[1:], texts, strict=True):
        assert line.startswith(each.text) and each.style in line and (each.iso or "–") in line
    assert any(each.date is None for each in DateTexts(OPTIONS).draw("train", (7,), 200))
    found = json.loads(said("examples", *DATES, "--count", "30", "--seed", "7", "--json"))
    assert [(each["text"], each["date"] or "") for each in found["texts"]] == [(each.text, each.iso) for each in texts]
    assert found["texts"][0]["fields"] == [list(field) for field in texts[0].fields]


def test_the_ceiling_of_a_choice_is_told_with_what_costs_it(said):
    assert "No text means two dates" in said("examples", *DATES)
    slashed = ["--locales", "en_US,en_GB", "--styles", "yMMdd,yMd,iso", "--count", "0"]
    best = ceiling(DateOptions(locales="en_US,en_GB", styles="yMMdd,yMd,iso"))
    assert best.rate < 1
    told = said("examples", *slashed)
    assert f"right on {best.rate:.3%} of texts" in told and "by style, the lowest: yMd" in told
    assert best.ambiguous[0][0] in told
    found = json.loads(said("examples", *slashed, "--json"))["ceiling"]
    assert found["rate"] == best.rate and found["by_locale"] == best.by_locale
    assert found["ambiguous"][0]["readings"][0]["date"] == best.ambiguous[0][1][0][0].isoformat()
    assert "best translator" not in said("examples", *slashed, "--no-ceiling")


def test_what_a_text_may_mean_is_told(said):
    languages = PRESETS["languages"].options
    text = "10/11/05"
    expected = readings(languages, text)
    assert len(expected) > 1
    lines = said("examples", "--preset", "languages", "--text", text).splitlines()[1:]
    assert [line.split() for line in lines] == [[date.isoformat(), f"{share:.3f}"] for date, share in expected]
    found = json.loads(said("examples", "--preset", "languages", "--text", text, "--json"))
    assert [each["probability"] for each in found["readings"]] == [share for _, share in expected]
    assert "none of these styles writes a date of 1970 to 2029 so" in said("examples", "--text", "5 Smarch 2016")


def test_styles_and_locales_are_named(said):
    rows = json.loads(said("examples", "--list-styles", "--locales", "fr_FR", "--json"))
    assert [row["style"] for row in rows] == list(STYLES)
    assert {row["style"]: row["locales"] for row in rows}["ordinal"] == 1
    assert {row["style"]: row["locales"] for row in rows}["mon_day_yy"] == 0
    assert {row["style"] for row in rows if row["default"] == "yes"} == set(DateOptions().style_names())
    lines = said("examples", "--list-locales").splitlines()
    assert len(lines) > 900 and "fr_FR           French (France)" in lines


# A training.


def test_the_same_line_again_goes_on_and_names_what_comes_next(run, tmp_path, said, capsys):
    folder = tmp_path / "two words"
    shutil.copytree(run, folder)
    for steps, words in (("40", "nothing to do"), ("45", "goes on at step 40")):
        told = said("train", "--run", str(folder), "--steps", steps, *TINY)
        assert words in told
        for action in ("translate", "map", "test"):
            assert f"probe dates {action} --run {shlex.quote(str(folder))}" in told
    assert main(["dates", "train", "--run", str(folder), "--steps", "45", *TINY, "--units", "13"]) == 1
    error = capsys.readouterr().err
    assert "--units was 12, now 13" in error and error.count("\n") == 1


def test_steps_replace_the_minutes_of_a_preset_and_flags_what_else_it_says(run):
    opened = TranslatorRun.open(run)
    assert opened.training["minutes"] is None and opened.training["steps"] == 40
    assert opened.dates == OPTIONS
    assert opened.model_options.units == 12


# A translator that is asked.


TEXTS = ["Nov 5, 2003", "2003-11-05", "hello", "", "5 nov §"]


def test_texts_are_translated_a_line_each(run, translator, said):
    expected = [f"{text} → {each}" for text, each in zip(TEXTS, translator.translate(TEXTS, 3), strict=True)]
    assert said("translate", "--run", str(run), "--beams", "3", *TEXTS).splitlines() == expected
    assert "never seen" in expected[-1]
    assert said("translate", "--run", str(run), "--checkpoint", "40", TEXTS[0]) == said(
        "translate", "--run", str(run), "--checkpoint", "latest", TEXTS[0])


def test_lines_of_the_standard_input_are_translated(run, translator, said, monkeypatch):
    content = "\ufeff" + "\r\n".join(TEXTS)
    for arguments in ((), ("-",)):
        given(monkeypatch, content.encode())
        found = json.loads(said("translate", "--run", str(run), "--json", *arguments))
        expected = [each.to_json() for each in translator.translate(TEXTS)]
        assert list(map(worded, found)) == list(map(worded, expected))
        for ours, theirs in zip(found, expected, strict=True):
            assert likely(ours) == pytest.approx(likely(theirs), rel=1e-4)  # they are rounded
    many = [str(text) for text in range(700)]
    given(monkeypatch, ("\n".join(many) + "\n").encode())
    assert [line.split(" → ")[0] for line in said("translate", "--run", str(run), "--beams", "1").splitlines()] == many
    given(monkeypatch, b"")
    assert said("translate", "--run", str(run)) == ""


def test_a_line_of_the_most_characters_is_taken_whatever_stands_around_it(run, said, monkeypatch):
    line = "\U0001f389" * 256
    given(monkeypatch, f"\ufeff{line}\r\n{line}\r\n{line}".encode())
    found = json.loads(said("translate", "--run", str(run), "--beams", "1", "--json"))
    assert [each["text"] for each in found] == [line] * 3


def test_what_would_drive_a_terminal_is_spelt_out(run, said):
    told = said("translate", "--run", str(run), "a\x1b[31mb\n5 May\u202e 2003")
    assert "\x1b" not in told and "\u202e" not in told and told.count("\n") == 1


def test_a_saved_translator_is_asked_as_its_run_is(run, translator, tmp_path, said):
    translator.save(tmp_path / "saved")
    assert said("translate", "--run", str(tmp_path / "saved"), *TEXTS) == said("translate", "--run", str(run), *TEXTS)


def test_maps_here_as_pages_and_as_figures(run, said, tmp_path):
    text = "Nov 5, 2003"
    here = said("map", "--run", str(run), text, "--colour", "never")
    assert text in here and "effect of hiding" in here and "\x1b[" not in here
    assert "\x1b[" in said("map", "--run", str(run), text, "--colour", "always")
    files = [tmp_path / name for name in ("a.html", "b.png", "c.SVG", "d.pdf")]
    outs = [word for file in files for word in ("--out", str(file))]
    told = said("map", "--run", str(run), text, "2003-11-05", *outs)
    assert told.splitlines() == [f"{'page' if file.suffix == '.html' else 'figure'}: {file}" for file in files]
    assert [file.read_bytes()[:4] for file in files[1:]] == [b"\x89PNG", b"<?xm", b"%PDF"]
    page = files[0].read_text("utf-8")
    assert "<html" in page and page.count("effect of hiding") >= 2


def test_maps_as_json_read_back(run, said, monkeypatch, capsys, tmp_path):
    given(monkeypatch, b"Nov 5, 2003\n2003-11-05\n")
    assert main(["dates", "map", "--run", str(run), "-", "--json", "--out", str(tmp_path / "a.html")]) == 0
    told = capsys.readouterr()
    maps = AttentionMaps.from_json(json.loads(told.out))
    assert ["".join(each.source) for each in maps] == ["Nov 5, 2003", "2003-11-05"]
    assert all(np.allclose(each.weights.sum(axis=-1), 1, atol=1e-6) for each in maps)
    assert told.err == f"page: {tmp_path / 'a.html'}\n"


def test_a_test_and_a_diagnosis_are_those_of_the_library(run, translator, said, tmp_path):
    from probe.attention import examine as tested  # under its own name, pytest would take it for a test

    flags = ["--run", str(run), "--texts", "20", "--without", "5", "--maps", "5", "--beams", "2"]
    report = tested(translator, DateTestOptions(texts=20, without=5, maps=5, beams=2), show=False)
    assert json.loads(said("test", *flags, "--json")) == json.loads(json.dumps(report.to_json()))
    assert "exact match" in said("test", *flags)
    flags = ["--run", str(run), "--days", "3", "--beams", "1"]
    own = ["--texts", "6", "--examples", "1"]
    found = diagnose(translator, DiagnosisOptions(texts=6, days=3, examples=1, beams=1), show=False)
    assert json.loads(said("diagnose", *flags, *own, "--json")) == json.loads(json.dumps(found.to_json()))
    said("diagnose", *flags, *own, "--out", str(tmp_path / "page.html"))
    assert "<html" in (tmp_path / "page.html").read_text("utf-8")


# Other commands, and a run that is of another kind.


def test_runs_of_both_kinds_are_listed_and_shown(run, text, capsys):
    assert main(["train", str(text), "--run", str(run.parent / "fox"), "--steps", "2", *SMALL]) == 0
    capsys.readouterr()
    assert main(["runs", "list", str(run.parent)]) == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines()[1:]]
    assert [line[1:3] for line in lines] == [["dates", "finished"], ["characters", "finished"]]
    assert "2 locales" in " ".join(lines[0])
    assert main(["runs", "show", str(run)]) == 0
    shown = capsys.readouterr().out
    exact = [record["validation_exact"] for record in TranslatorRun.open(run).log if "validation_exact" in record]
    for words in ("2 locales, 3 styles, days of 2000–2009", "2 × 12 + 12 units", "40 steps; 100% done", "● validation",
                  f"{exact[-1]:.2%} of held-out dates wholly right", "babel 2."):
        assert words in shown
    assert main(["runs", "list", str(run.parent), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [(each["of"], each["step"]) for each in found] == [("dates", 40), ("characters", 2)]
    assert found[0]["dates"]["styles"] == "medium,full,iso"


@pytest.mark.parametrize("line", ["train {text} --run {run} --steps 3", "sample {run}", "scan {run}", "gates {run}",
                                  "extract {run} --out {new}"])
def test_commands_for_characters_say_what_a_translator_is_for(line, run, text, tmp_path, capsys):
    assert main([word.format(run=run, text=text, new=tmp_path / "new") for word in line.split()]) == 1
    error = capsys.readouterr().err
    assert error.startswith(f"probe: {run}: is the run of a date translator, and that of a character model is needed")
    assert "probe dates translate" in error and error.count("\n") == 1
    assert not (tmp_path / "new").exists()


def test_a_run_of_characters_is_no_translator(run, text, tmp_path, capsys):
    fox = tmp_path / "fox"
    assert main(["train", str(text), "--run", str(fox), "--steps", "2", *SMALL]) == 0
    before = sorted(fox.rglob("*"))
    for action in (["train"], ["translate", "hi"], ["map", "hi"], ["test"], ["diagnose"]):
        capsys.readouterr()
        assert main(["dates", *action, "--run", str(fox)]) == 1
        assert capsys.readouterr().err == (f"probe: {fox}: is the run of a character model, and that of a date "
                                           "translator is needed here; probe sample, extract, scan and gallery take "
                                           "it\n")
    assert sorted(fox.rglob("*")) == before and Run.open(fox).model_options.units == 8


MISTAKES = {
    "no action": (["dates"], "the following arguments are required: examples|train"),
    "no such action": (["dates", "trian"], "no action is called 'trian'; did you mean 'train'?"),
    "no such preset": (["dates", "train", "--run", "{new}", "--preset", "englsh"], "did you mean 'english'?"),
    "no such locale": (["dates", "train", "--run", "{new}", "--locales", "en_UX"], "no locale is called 'en_UX'"),
    "no such style": (["dates", "examples", "--styles", "mediun"], "did you mean 'medium'?"),
    "years in the wrong order": (["dates", "examples", "--first-year", "2100"], "--first-year must be at most"),
    "too many examples": (["dates", "examples", "--count", "1000001"], "--count must be 0 to 1,000,000"),
    "no end": (["dates", "train", "--run", "{new}", "--minutes", "0"], "--minutes must be above 0"),
    "no run": (["dates", "train"], "the following arguments are required: --run"),
    "no folder": (["dates", "translate", "hi", "--run", "{new}"], "no such folder"),
    "no translator": (["dates", "translate", "hi", "--run", "{folder}"], "not a run"),
    "no beam": (["dates", "translate", "hi", "--run", "{run}", "--beams", "0"], "--beams must be 1 to"),
    "too long": (["dates", "translate", "x" * 257, "--run", "{run}"], "at most 256 characters; received 257"),
    "a byte that is no text": (["dates", "translate", "a\udcff", "--run", "{run}"], "not UTF-8"),
    "a checkpoint of what comes with probe": (["dates", "map", "hi", "--checkpoint", "7"], "--run names none"),
    "nothing to map": (["dates", "map", "hi", "", "--run", "{run}"], "at least one character"),
    "a page of no such kind": (["dates", "map", "hi", "--out", "{new}.gif"], "ends in .html, .png, .svg, .pdf"),
    "a page nowhere": (["dates", "map", "hi", "--out", "{new}/a.html"], "there is no folder"),
    "no such colour": (["dates", "map", "hi", "--colour", "red"], "--colour must be one of auto"),
    "no text to test": (["dates", "test", "--run", "{run}", "--texts", "0"], "--texts must be at least 1"),
    "a diagnosis nowhere": (["dates", "diagnose", "--run", "{run}", "--out", "{new}/a.html"], "there is no folder"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_gets_one_line_and_status_1_and_nothing_is_written(name, run, tmp_path, capsys):
    (tmp_path / "folder").mkdir()
    places = {"new": tmp_path / "new", "folder": tmp_path / "folder", "run": run}
    before = sorted(tmp_path.rglob("*"))
    arguments, expected = MISTAKES[name]
    assert main([argument.format(**places) for argument in arguments]) == 1
    error = capsys.readouterr().err
    assert error.startswith("probe: ") and error.count("\n") == 1
    assert expected in error
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize(("content", "expected"), [
    (b"fine\n\xff\n", "line 2 of the standard input is not UTF-8"),
    (b"fine\n" + b"x" * 257, "line 2 of the standard input is longer than 256 characters"),
    ("é".encode() * 100_000, "line 1 of the standard input is longer than 256 characters"),
    (b"x" + "é".encode() * 100_000, "line 1 of the standard input is longer than 256 characters"),
])
def test_a_line_that_is_no_text_is_named(content, expected, run, capsys, monkeypatch):
    given(monkeypatch, content)
    assert main(["dates", "translate", "--run", str(run)]) == 1
    assert expected in capsys.readouterr().err


def test_mistakes_are_told_before_the_engine_is_loaded(run, tmp_path):
    lines = [[word.format(new=tmp_path / "new", folder=tmp_path, run=run) for word in arguments]
             for arguments, _ in MISTAKES.values() if "\udcff" not in "".join(arguments)]
    code = ("import json, sys; from probe.cli.main import main; "
            "assert all(main(line) == 1 for line in json.loads(sys.argv[1])); "
            "sys.exit(any(name in sys.modules for name in ('tensorflow', 'keras')))")
    done = subprocess.run([sys.executable, "-c", code, json.dumps(lines)], stderr=subprocess.PIPE, text=True,
                          check=False)
    assert done.returncode == 0, done.stderr


def test_scripts_train_and_draw(run, tmp_path):
    root = Path(__file__).resolve().parents[2]

    def script(name: str, *arguments: str) -> str:
        done = ran(arguments, SCRIPT, str(root / "scripts" / name), folder=tmp_path)
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert "of held-out dates wholly right" in script("train_dates.py", "runs/dates", "0.02")
    assert "attends most to" in script("map_dates.py", str(run), "map.html", "Nov 5, 2003")
    assert "<html" in (tmp_path / "map.html").read_text("utf-8")


DAMAGED = {
    "no manifest": lambda content: content.clear(),
    "a plan without an end": lambda content: content["training"].update(steps=None),
    "a plan of words": lambda content: content["training"].update(steps="many"),
    "an option unheard of": lambda content: content["training"].update(hours=3),
    "no such locale": lambda content: content["dates"].update(locales="xx_YY"),
}


@pytest.mark.parametrize("name", DAMAGED)
def test_a_damaged_run_is_a_line_that_names_it_and_hides_no_other(name, run, tmp_path, capsys):
    for place in ("bad", "good"):
        shutil.copytree(run, tmp_path / place)
    content = read_manifest(tmp_path / "bad" / "run.json", KIND, VERSION)
    DAMAGED[name](content)
    write_manifest(tmp_path / "bad" / "run.json", KIND, VERSION, content)
    assert main(["runs", "show", str(tmp_path / "bad")]) == 1
    error = capsys.readouterr().err
    assert error.startswith(f"probe: {tmp_path / 'bad'}") and error.count("\n") == 1
    assert main(["runs", "list", str(tmp_path)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "cannot be read" in lines[1] and "finished" in lines[2]


def test_a_closed_standard_input_is_told(run, capsys, monkeypatch):
    monkeypatch.setattr(sys, "stdin", None)
    assert main(["dates", "translate", "--run", str(run)]) == 1
    assert "the standard input is closed" in capsys.readouterr().err


def test_an_empty_standard_input_is_told(run, capsys, monkeypatch):
    given(monkeypatch, b"")
    assert main(["dates", "translate", "--run", str(run)]) == 0
    told = capsys.readouterr()
    assert (told.out, told.err) == ("", "probe: the standard input is empty: no date to read\n")
