"""The forward pass in the page's script, held against the one that scans."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page

from probe.activations import Extraction, ExtractOptions
from probe.corpus import Corpus, CorpusOptions
from probe.files import read_text
from probe.gallery.claims import claims
from probe.gallery.live import LiveBox
from probe.gallery.page import TEMPLATES
from probe.model import ModelOptions, Run
from probe.model.checkpoint import Checkpoint
from probe.model.plain import plain_weights
from probe.model.variation import initial_weights
from probe.scan.weights import Network
from tests.activations.collecting import collected
from tests.gallery.live_networks import SIGNALS, drawn_network

TEXT = "“Come in,” said the fox (a red one).\tThe cat, who was 3, did not.\n" * 6 + "Ж\U0001f98a!\n“Well,” he said.\n"

ARCHITECTURES = {
    "one layer": (ModelOptions(units=64), CorpusOptions()),
    "two layers, embedding, hard gates, other characters": (
        ModelOptions(units=48, layers=2, input="embedding", embedding=9, recurrent_activation="hard_sigmoid"),
        CorpusOptions(min_count=3)),
    "the article's number": (ModelOptions(units=50, input="scalar"), CorpusOptions(min_count=2)),
}


@pytest.fixture(scope="module")
def page(browser) -> Page:
    blank = browser.new_page()
    blank.add_script_tag(content=read_text(TEMPLATES / "live_forward.js"))
    yield blank
    blank.close()


def packed(network: Network, findings) -> dict:
    return json.loads(LiveBox.of(replace(findings, network=network), claims(findings)).data)


def extraction_of(folder: Path, model: ModelOptions, reading: CorpusOptions) -> Extraction:
    """One stream over the text by a network of larger weights than those that a training begins with."""
    corpus, chance = Corpus.of(TEXT, "fox", reading, folder=folder / "corpus"), np.random.default_rng(6)
    weights = {name: (1.3 * array + chance.normal(0, 0.3 if array.ndim == 1 else 0.02, array.shape)).astype(np.float32)
               for name, array in initial_weights(model, len(corpus.vocabulary), 4).items()}
    checkpoint = Checkpoint(0, weights, {}, np.empty(0, np.float32), {})
    run = Run.begin(folder, model, {"objective": "next"})
    return Extraction.of(run, checkpoint=checkpoint,
                         options=ExtractOptions(signals="all", streams=1, overlap=0, losses=False))


READ = """([packed, text, signals]) => {
  const network = new LiveNetwork(packed), points = Array.from(text);
  network.change(points);
  network.read(1e9);
  const values = network.layers.map(layer => signals.map(signal =>
    points.map((_, row) => Array.from({ length: layer.units }, (_, unit) => network.value(layer, signal, unit, row)))));
  return JSON.stringify({ values, expected: points.map((_, row) => network.expected(row, 5)) });
}"""


def read_by(page: Page, network: dict, text: str) -> dict:
    """Values of every layer, signal, character and unit, None where there is none, and what is expected next."""
    return json.loads(page.evaluate(READ, [network, text, SIGNALS]))


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_every_signal_is_that_of_the_extraction(page, findings, tmp_path, name):
    model, reading = ARCHITECTURES[name]
    extraction = extraction_of(tmp_path, model, reading)
    vocabulary, weights = extraction.corpus.vocabulary, extraction.checkpoint.weights
    assert vocabulary.unknown == (reading.min_count > 0)
    network = Network(tuple(str(layer + 1) for layer in range(model.layers)), model.recurrent_activation,
                      vocabulary.characters, vocabulary.unknown, plain_weights(model, weights))
    told = read_by(page, packed(network, findings), TEXT)
    values, _, _ = collected(extraction)
    furthest = {}
    for (layer, signal), expected in values.items():
        shown = np.array(told["values"][int(layer) - 1][SIGNALS.index(signal)])
        assert shown.shape == expected.shape
        assert expected.std() > 0.05
        furthest[layer, signal] = float(np.abs(shown - expected).max())
    assert max(furthest.values()) < 1e-3, furthest
    logits = values[str(model.layers), "hidden"] @ weights["dense/kernel"].astype(np.float64) + weights["dense/bias"]
    chances = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    for row, listed in enumerate(told["expected"]):
        assert [each["probability"] for each in listed] == pytest.approx(sorted(chances[row])[:-6:-1], abs=1e-3)
        assert [each["probability"] for each in listed] == pytest.approx(chances[row][[each["id"] for each in listed]],
                                                                         abs=1e-3)


EDITS = ("", "The fox", "The fox sat", "The fax sat", "A fox", "A fox sat on a hill. " * 20, "A fox sat off a hill.")


def test_a_changed_text_is_read_from_the_change_on_and_as_if_it_had_always_stood_there(page, findings):
    told = page.evaluate("""([packed, texts]) => {
      const network = new LiveNetwork(packed), told = [];
      const count = network.step.bind(network);
      let steps = 0;
      network.step = (layer, row) => { steps++; count(layer, row); };
      const rows = each => each.layers.map(({ hidden, cell, units }) =>
        [hidden, cell].map(states => Array.from(states.slice(0, (each.points.length + 1) * units))));
      for (const text of texts) {
        steps = 0;
        network.change(Array.from(text));
        while (!network.read(0));
        const fresh = new LiveNetwork(packed);
        fresh.change(Array.from(text));
        fresh.read(1e9);
        told.push([steps, JSON.stringify(rows(network)) === JSON.stringify(rows(fresh))]);
      }
      return told;
    }""", [packed(drawn_network("".join(sorted(set("".join(EDITS)))), layers=2), findings), EDITS])
    assert [steps for steps, _ in told] == [0, 2 * 7, 2 * 4, 2 * 6, 2 * 5, 2 * (420 - 5), 2 * 10]
    assert all(same for _, same in told)


@pytest.mark.parametrize("unknown", [True, False])
def test_characters_outside_the_vocabulary_are_read_as_the_other_ones_or_passed_over(page, findings, unknown):
    network = drawn_network("abc ", unknown=unknown)
    given = packed(network, findings)
    read = {text: np.array(read_by(page, given, text)["values"], np.float64)[0, 0]
            for text in ("ab\U0001f98ac", "ab\ud800c", "abЖc", "abc")}
    np.testing.assert_array_equal(read["ab\U0001f98ac"], read["abЖc"])
    np.testing.assert_array_equal(read["ab\ud800c"], read["abЖc"])
    if unknown:
        assert np.abs(read["abЖc"][3] - read["abc"][2]).max() > 0.01
    else:
        assert np.isnan(read["abЖc"][2]).all()
        np.testing.assert_array_equal(read["abЖc"][3], read["abc"][2])
