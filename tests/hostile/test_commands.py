"""A text with everything awkward in it, under an awkward name, through the commands: what they print is shown and not
obeyed, and nothing runs in the pages that they write."""

import re
import shlex
import sys
from pathlib import Path

import pytest

from probe.activations import Store
from probe.cli.main import main
from probe.explain import Classifier, WordTokenizer
from probe.files import write_manifest
from probe.model import Run
from probe.model.engine import keras
from probe.scan import Findings
from tests.attention.translator import tiny
from tests.hostile.pages import findings_of
from tests.hostile.strings import AWKWARD, PAYLOADS, POLYGLOT, SHORT, TEXT, sound
from tests.hostile.watching import census, obeyed, unseen, watched

HELD = sound(TEXT * 2)
SHOWN = len(HELD) // 2 + 100  # everything once
NAMED = "<svg onload=ran(1)>\"'`{{7*7}}${ran(1)}%3Cscript%3E"
SMALL = ["--units", "4", "--batch", "4", "--length", "20", "--steps", "6", "--validate-every", "6", "--log-every", "3"]
QUICK = ["--patterns", "word_start,inside_quotes", "--top", "2", "--twins", "1", "--twin-characters", "1000",
         "--ablated", "0", "--probes", "0", "--passages", "1"]
LAYER = "\x1b]0;t\x07\x9b31m<img src=x onerror=ran(1)>\u202e"


@pytest.fixture
def said(capsys, monkeypatch):
    """Return what a command says to a terminal of 256 colours, on both outputs."""
    monkeypatch.setenv("TERM", "xterm-256color")
    for name in ("NO_COLOR", "COLORTERM"):
        monkeypatch.delenv(name, raising=False)

    def of(*arguments, status: int = 0, also: str = "") -> str:
        monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
        capsys.readouterr()
        ended = main(list(map(str, arguments)))
        out, err = capsys.readouterr()
        assert ended == status, err
        assert obeyed(out, also) == obeyed(err) == [], arguments
        assert err.count("\n") <= 2
        return out + err
    return of


@pytest.fixture(scope="module")
def place(tmp_path_factory) -> Path:
    """A folder with a text and a run of it, their names hostile."""
    folder = tmp_path_factory.mktemp("commands")
    (folder / f"{NAMED}.txt").write_text(HELD, "utf-8", newline="")
    assert main(["train", str(folder / f"{NAMED}.txt"), "--run", str(folder / NAMED), *SMALL]) == 0
    return folder


def looked_at(browser, path: Path) -> None:
    with watched(browser, path) as shown:
        shown.page.evaluate("dispatchEvent(new Event('beforeprint'))")
        found = census(shown.page)
        assert [name for name in found["attributes"] if name.split()[1].startswith("on")] == []
        assert [each for letter in found["letters"] for each in unseen(letter)] == []
        assert not set(found["counts"]) & {"img", "iframe", "object", "embed", "link", "base", "form"}


def test_the_text_is_kept_to_the_last_character(place):
    assert Run.open(place / NAMED).corpus.document(0, len(HELD)).text == HELD


def test_train_and_runs(place, said):
    said("train", place / f"{NAMED}.txt", "--run", place / NAMED, *SMALL)
    assert NAMED in said("runs", "list", place)
    said("runs", "show", place / NAMED, "--plot", place / "loss.svg")


def test_extract_show_gates_and_sample(place, said, browser):
    run, acts, text = place / NAMED, place / "acts", place / f"{NAMED}.txt"
    said("extract", run, "--out", acts, "--signals", "all", "--streams", "1")
    assert Store.open(acts).corpus.document(0, len(HELD)).text == HELD
    for source in ((run, text), (acts,)):
        said("show", *source, "--unit", "1:0", "--from", 0, "--to", SHOWN, "--colour", "always", "--mark", "letter")
    said("show", acts, "--unit", "1:0,1:1", "--from", 0, "--to", SHOWN, "--html", place / "show.html")
    said("gates", acts, "--html", place / "gates.html")
    said("export", acts, "--as", "npz", "--out", place / "acts.npz")
    said("import", place / "acts.npz", "--out", place / "again")
    said("sample", run, "--prompt", HELD[:3000], "--length", 200, "--show", "1:0", "--colour", "always", also="\t")
    for page in ("show.html", "gates.html"):
        looked_at(browser, place / page)


def test_scan_findings_and_gallery(place, said, browser):
    out = place / "findings"
    said("scan", place / NAMED, *QUICK, "--regex", "svg=<[^>]*>", "--out", out, "--live", "--show", "--html",
         place / "scan.html")
    assert shlex.quote(str(place / NAMED)) in Findings.load(out).provenance["command"]
    said("findings", out, "--csv", place / "all.csv")
    said("gallery", out, "--out", place / "gallery.html", "--live")
    for page in ("scan.html", "gallery.html"):
        looked_at(browser, place / page)


def test_findings_that_somebody_made_up(place, said, browser, tmp_path):
    findings_of(SHORT, "text", letter="\u202e").save(tmp_path / "made")
    said("findings", tmp_path / "made", "--top", 9, "--csv", tmp_path / "all.csv")
    said("gallery", tmp_path / "made", "--out", tmp_path / "made.html", "--live")
    looked_at(browser, tmp_path / "made.html")


def test_runs_that_somebody_made_up(place, said, tmp_path):
    manifest = tmp_path / "run" / "run.json"
    write_manifest(manifest, "run", 1, {SHORT: SHORT})
    said("runs", "list", tmp_path)
    said("runs", "show", tmp_path / "run", status=1)


def test_patterns(place, said):
    for pattern in ("letter", "column", "inside_quotes"):
        said("patterns", "preview", pattern, place / f"{NAMED}.txt", "--characters", len(HELD))
    said("patterns", "preview", SHORT, place / f"{NAMED}.txt", status=1)
    said("patterns", "preview", "x", place / f"{NAMED}.txt", "--regex", f"x={re.escape(SHORT)}")


def test_explain(said, browser, tmp_path):
    words = ("img", "src", "ran", "script", "onerror", "\u202e", "\x1b]0;t\x07", "<svg")
    ids = keras.Input((None,), dtype="int32")
    x = keras.layers.GlobalAveragePooling1D()(keras.layers.Embedding(len(words) + 2, 3)(ids))
    model = keras.Model(ids, keras.layers.Dense(2, activation="softmax", name="last")(x))
    tokenizer = WordTokenizer({word: place for place, word in enumerate(words, 2)})
    Classifier(model, tokenizer, (POLYGLOT, "<svg onload=ran(1)>"), length=3000).save(tmp_path / "classifier")
    (tmp_path / "text.txt").write_text(HELD[:SHOWN], "utf-8", newline="")
    for colour in ("always", "never"):
        said("explain", tmp_path / "classifier", tmp_path / "text.txt", "--method", "saliency", "--colour", colour,
             "--html", tmp_path / "why.html")
    known = [each for each in map(sound, PAYLOADS[::3]) if "ran" in each.split("(")[0].split() or "img" in each]
    (tmp_path / "lines.txt").write_text("\n".join(" ".join(each.split()) for each in known), "utf-8")
    said("explain", tmp_path / "classifier", tmp_path / "lines.txt", "--lines", "--method", "saliency", "--html",
         tmp_path / "lines.html")
    for page in ("why.html", "lines.html"):
        looked_at(browser, tmp_path / page)


def test_dates(said, browser, tmp_path):
    tiny.translator().save(tmp_path / "translator")
    texts = [each for each in map(sound, (*AWKWARD.values(), *PAYLOADS[::4])) if each and each[0] != "-"]
    short = [each[:200] for each in texts]
    said("dates", "translate", "--run", tmp_path / "translator", "--beams", 1, *short)
    said("dates", "map", "--run", tmp_path / "translator", "--beams", 1, *short[:40:4], "--colour", "always")
    said("dates", "map", "--run", tmp_path / "translator", "--beams", 1, *short[::8], "--out", tmp_path / "map.html")
    said("dates", "examples", "--text", short[0])
    looked_at(browser, tmp_path / "map.html")


def test_networks_with_hostile_names(place, said, tmp_path):
    ids = keras.Input((None,), dtype="int32", name="ids")
    x = keras.layers.LSTM(3, return_sequences=True, name=LAYER)(keras.layers.Embedding(300, 2)(ids))
    keras.Model(ids, keras.layers.Dense(2, name="b\x1b[2J\u202e")(x)).save(tmp_path / "named.keras")
    assert "printable" in said("import", tmp_path / "named.keras", status=1)


@pytest.mark.parametrize("command", [
    ("train", SHORT, "--run", "x"), ("train", "embedded", "--run", "x", "--preset", SHORT), ("sample", f"--{SHORT}"),
    ("gallery", SHORT), ("show", SHORT, "--unit", "1:0"), ("explain", SHORT, "--text", "a"), ("corpus", "get", SHORT),
    ("dates", "map", "--run", SHORT, "a"), ("dates", "translate", "x" * 300 + SHORT), ("runs", "list", SHORT),
    ("patterns", "preview", "letter", SHORT), (SHORT,),
], ids=lambda command: command[0][:9])
def test_what_a_terminal_would_obey_is_spelt_where_it_is_refused(command, said, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    said(*command, status=1)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_a_terminal_would_obey(said, tmp_path, monkeypatch):
    folder = tmp_path / "evil\x1b]0;t\x07\u202e"
    folder.mkdir()
    monkeypatch.chdir(folder)
    findings_of("plain", "text", letter="\u202e").save("made")
    assert "␛]0;t" in said("gallery", "made")
    assert (folder / "gallery.html").exists()


DISTINCT = "".join(map(chr, (*range(32, 127), *range(0xA0, 0xD800), *range(0xE000, 0x1A000))))


@pytest.mark.parametrize(("content", "words"), [
    ("a\0b" * 9, "looks binary"), ("\x01\x02" * 99, "looks binary"), ("", "is empty"), ("a", "one character"),
    ("half \ud800", "not utf-8"), (DISTINCT, "distinct characters"),
], ids=["NUL", "controls", "empty", "one", "half", "distinct"])
def test_texts_that_are_none(content, words, said, tmp_path):
    (tmp_path / "text.txt").write_bytes(content.encode("utf-8", "surrogatepass"))
    assert words in said("train", tmp_path / "text.txt", "--run", tmp_path / "run", status=1)
    assert not (tmp_path / "run").exists()


def test_half_a_character_on_the_command_line(place, said):
    said("sample", place / NAMED, "--prompt", "\udcff", status=1)
    said("explain", place / NAMED, "--text", "\udcff", status=1)
