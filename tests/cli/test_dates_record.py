"""``probe dates record``, and the scan of what it records."""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from probe.activations import Store
from probe.attention import DateTexts, Translator, TranslatorOptions
from probe.attention.dates import DateOptions
from probe.attention.translator.network import keras_network
from probe.attention.translator.symbols import Symbols, target_ids
from probe.cli.main import main
from probe.model.engine import keras
from tests.attention.translator.conftest import open_once

DATES = DateOptions()


@pytest.fixture(scope="module", autouse=True)
def _opened_once() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        open_once(patch)
        yield


@pytest.fixture(scope="module")
def translator(tmp_path_factory) -> Path:
    """One that has learnt nothing: what it writes is no date, and it reads like any other."""
    texts, options = DateTexts(DATES), TranslatorOptions(units=6, embedding=4, attention=4)
    symbols = Symbols(texts.characters)
    place = tmp_path_factory.mktemp("translator") / "translator"
    model = keras_network(options, symbols.sources, seed=2)
    Translator(model, symbols, DATES, options, {"longest": texts.longest, "step": 0, "seconds": 0}).save(place)
    return place


@pytest.fixture(scope="module")
def acts(translator, tmp_path_factory) -> Path:
    place = tmp_path_factory.mktemp("acts") / "dates"
    assert main(["dates", "record", "--run", str(translator), "--out", str(place), "--count", "200", "--beams", "1",
                 "--dtype", "float32", "--signals", "hidden,cell,forget_gate"]) == 0
    return place


def lines_of(store: Store) -> list[tuple[int, str]]:
    """The place and the text of each line."""
    lines, place = [], 0
    for line in store.corpus.document().text.split("\n"):
        lines.append((place, line))
        place += len(line) + 1
    return lines


def test_a_line_has_what_keras_layers_make_of_its_date_alone(translator, acts):
    opened, store = Translator.open(translator), Store.open(acts / "encoder")
    encoder = keras.Model(opened.model.inputs[0], opened.model.get_layer("encoder").output)
    forward, backward = (np.asarray(store.signals[f"encoder/{way}", "hidden"][:]) for way in ("forward", "backward"))
    lines = lines_of(store)[:-1]
    assert len(lines) == 200
    for place, line in lines[::20]:
        values = np.asarray(encoder(opened.symbols.source_ids([line])))[0]
        rows = slice(place, place + len(line))
        np.testing.assert_allclose(np.hstack([forward[rows], backward[rows]]), values, atol=1e-5)
        # The line break was not read.
        np.testing.assert_array_equal(forward[rows.stop], forward[rows.stop - 1])
        np.testing.assert_array_equal(backward[rows.stop], backward[rows.stop - 1])


def test_an_output_has_what_the_decoder_makes_of_it_behind_the_boundary(translator, acts):
    opened, store = Translator.open(translator), Store.open(acts / "decoder")
    decoder = keras.Model(opened.model.inputs[1], opened.model.get_layer("decoder").output)
    hidden = np.asarray(store.signals["decoder", "hidden"][:])
    lines = lines_of(store)[1:]
    answers = opened.translate([line for _, line in lines_of(Store.open(acts / "encoder"))[:-1]], beams=1)
    written = iter(line for _, line in lines)
    assert all(answer.output in written for answer in answers)  # in their order, with others between them
    assert 240 < len(lines) < 360
    for place, line in lines[::20]:
        values = np.asarray(decoder(target_ids([line])[0]))[0]
        np.testing.assert_allclose(hidden[place - 1:place + len(line)], values[:len(line) + 1], atol=1e-5)


def test_the_stores_tell_what_they_are(acts, translator):
    provenance = Store.open(acts / "encoder").provenance
    assert provenance["scheme"] == "lines, each from the zero state" and "not read" in provenance["line_breaks"]
    assert "boundary" in Store.open(acts / "decoder").provenance["line_breaks"]
    assert provenance["dates"]["locales"] == "en_US,en_GB" and provenance["record"]["count"] == 200
    assert set(Store.open(acts / "decoder").units) == {("decoder", signal) for signal in
                                                       ("hidden", "cell", "forget_gate")}


def test_a_scan_finds_the_labels_that_a_store_keeps(acts, capsys):
    command = ["scan", str(acts / "encoder"), "--patterns", "digit", "--expression", "late=shift(in_year, 1)", "--json",
               "--out", str(acts / "found")]
    assert main(command) == 0
    found = json.loads(capsys.readouterr().out)
    names = {row["pattern"] for row in found}
    assert {"digit", "late", "in_year", "in_weekday", "month_number"} <= names
    notes = json.loads((acts / "found" / "findings.json").read_text("utf-8"))
    assert "in the name of the month" in json.dumps(notes)


def test_the_same_line_again_leaves_the_stores_as_they_are(acts, translator, capsys):
    before = {path: path.read_bytes() for path in acts.glob("*/*.h5")}
    labels = {path: path.read_bytes() for path in acts.glob("*/labels/*.json")}
    assert main(["dates", "record", "--run", str(translator), "--out", str(acts), "--count", "200", "--beams", "1",
                 "--dtype", "float32", "--signals", "hidden,cell,forget_gate"]) == 0
    told = capsys.readouterr().out
    assert f"probe scan {acts / 'encoder'}" in told and f"probe gallery {acts / 'decoder' / 'findings'}" in told
    assert before and all(path.read_bytes() == held for path, held in before.items())
    assert labels and all(path.read_bytes() == held for path, held in labels.items())
    assert main(["dates", "record", "--run", str(translator), "--out", str(acts), "--count", "100"]) == 1
    assert "holds other activations" in capsys.readouterr().err


def test_one_direction_and_a_twin_that_was_taught_nothing(acts, translator, tmp_path):
    command = ["dates", "record", "--run", str(translator), "--count", "200", "--beams", "1", "--dtype", "float32",
               "--signals", "hidden", "--layers", "encoder/backward", "--units", "2-4"]
    taught, twin = tmp_path / "taught", tmp_path / "twin"
    assert main([*command, "--out", str(taught)]) == 0 == main([*command, "--out", str(twin), "--untrained", "1"])
    source = ("encoder/backward", "hidden")
    stores = [Store.open(place / "encoder") for place in (taught, twin)]
    assert not (taught / "decoder").exists() and all(store.units == {source: (2, 3, 4)} for store in stores)
    one, other = (np.asarray(store.signals[source][:]) for store in stores)
    whole = np.asarray(Store.open(acts / "encoder").signals[source][:])
    np.testing.assert_allclose(one, whole[:, 2:5], atol=1e-6)
    assert stores[0].corpus.document().text == stores[1].corpus.document().text and np.abs(one - other).max() > 1e-3


@pytest.mark.parametrize(("arguments", "complaint"), [
    (["--layers", "attention"], "--layers must be all, or some of encoder/forward"),
    (["--signals", "hiden"], "--signals must be all, or some of"), (["--count", "1"], "--count"),
    (["--units", "99"], "below 6"), (["--run", "nowhere"], "nowhere"),
])
def test_mistakes_are_one_line(translator, tmp_path, capsys, arguments, complaint):
    given = ["--run", str(translator)] if "--run" not in arguments else []
    assert main(["dates", "record", "--out", str(tmp_path / "acts"), "--beams", "1", *given, *arguments]) == 1
    error = capsys.readouterr().err
    assert complaint in error and error.count("\n") == 1
    assert not (tmp_path / "acts").exists()


def test_labels_of_another_text_in_a_store_are_refused(acts, tmp_path, capsys):
    import shutil

    copied = tmp_path / "copied"
    shutil.copytree(acts / "decoder", copied)
    shutil.copy(acts / "encoder" / "labels" / "in_year.json", copied / "labels")
    assert main(["scan", str(copied), "--patterns", "digit"]) == 1
    assert "in_year.json" in capsys.readouterr().err
