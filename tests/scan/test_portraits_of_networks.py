"""What a network expects and what its gates do, held against its equations in float64; and a unit wired by hand."""

from dataclasses import replace

import numpy as np
import pytest

from probe.activations import Extraction, ExtractOptions
from probe.activations.next_characters import NextCharacters
from probe.corpus import CorpusOptions
from probe.model import ModelOptions, Run
from probe.model.engine import keras
from probe.scan import Findings, ScanOptions, scan
from probe.scan.controls.ablation import AblationOptions
from probe.scan.controls.logistic import ProbeOptions
from probe.train import TrainOptions, train
from tests.activations import foreign_networks, oracles
from tests.lstm_oracle import lstm_signals

UNITS, OVERLAP, CHARACTERS = 8, 60, 1500
OPTIONS = ScanOptions(patterns="whitespace,inside_quotes,upper_case", top=3, rolls=0, twins=0, passage=200, passages=2,
                      portraits=CHARACTERS)
ALONE = {"ablation": AblationOptions(ablated=0), "probes": ProbeOptions(probes=0), "show": False}


@pytest.fixture(scope="module")
def run(tmp_path_factory) -> Run:
    generator = np.random.default_rng(4)
    words = "the cat That ran Over a bridge nobody (at all) told “quietly” it of rivers, deep and cold.\n".split(" ")
    folder = tmp_path_factory.mktemp("network")
    (folder / "text.txt").write_text(" ".join(generator.choice(words, 1500)) + " # rare", encoding="utf-8")
    return train(folder / "text.txt", folder / "run", ModelOptions(units=UNITS, layers=2),
                 TrainOptions(steps=30, batch=8, length=20, validate_every=30, learning_rate=0.02),
                 corpus_options=CorpusOptions(splits="0.5,0.1,0.4", min_count=3), show=False)


def halves(run, weights=None, **options):
    checkpoint = run.checkpoint("best")
    checkpoint = replace(checkpoint, weights=checkpoint.weights | (weights or {}))
    test = run.corpus.splits.test
    return (Extraction.of(run, segment, checkpoint=checkpoint,
                          options=ExtractOptions(**{"streams": 1, "overlap": OVERLAP, **options}))
            for segment in (replace(test, start=0, stop=test.start), test))


@pytest.fixture(scope="module")
def findings(run) -> Findings:
    return scan(*halves(run), OPTIONS, **ALONE)


def signals_of(run, start, stop):
    """(layer, signal) → (N, U) float64 over characters [start, stop), from the zero state."""
    weights, told = run.checkpoint("best").weights, {}
    x = np.eye(len(run.corpus.vocabulary))[run.corpus.ids[start:stop]][:, None]
    for layer in ("1", "2"):
        of_layer = [weights[f"lstm_{layer}/{name}"] for name in ("kernel", "recurrent_kernel", "bias")]
        found = lstm_signals(x, *of_layer, np.zeros((1, UNITS)), np.zeros((1, UNITS)))
        told |= {(layer, name): values[:, 0] for name, values in found.items()}
        x = found["hidden"]
    return told


def coming(run, hidden):
    """Probabilities (N, V) float64 of the next characters after h (N, U) of the last layer."""
    weights = run.checkpoint("best").weights
    logits = hidden @ weights["dense/kernel"].astype(np.float64) + weights["dense/bias"]
    shares = np.exp(logits - logits.max(axis=1, keepdims=True))
    return shares / shares.sum(axis=1, keepdims=True)


@pytest.fixture(scope="module")
def signals(run):
    test = run.corpus.splits.test
    return signals_of(run, test.start, test.start + CHARACTERS)


def test_each_character_of_a_passage_has_the_five_most_expected_next_ones(run, findings):
    test = run.corpus.splits.test
    assert len(findings.passages) == 2
    for passage in findings.passages:
        begin = passage.start - OVERLAP if passage.start > test.start else test.start
        hidden = signals_of(run, begin, passage.start + len(passage.text))["2", "hidden"][passage.start - begin:]
        shares = coming(run, hidden)
        highest = -np.sort(-shares, axis=1)[:, :5]
        assert (passage.expected.dtype, passage.chances.dtype) == (np.int32, np.float32)
        np.testing.assert_allclose(passage.chances, highest, atol=1e-5)
        np.testing.assert_allclose(np.take_along_axis(shares, passage.expected, axis=1), highest, atol=1e-5)
        assert all(len(set(row)) == 5 for row in passage.expected.tolist())


def test_the_alphabet_is_the_networks(run, findings):
    vocabulary = run.corpus.vocabulary
    assert vocabulary.unknown
    assert findings.alphabet == (*vocabulary.characters, "")


def assert_pushes(found, changes, alphabet):
    """The eight largest above 0 and the eight most negative, largest first."""
    order = np.argsort(-changes)
    kept = [v for v in order[:8] if changes[v] > 0] + [v for v in order[-8:] if changes[v] < 0]
    assert [each.character for each in found] == [alphabet[v] for v in kept]
    np.testing.assert_allclose([each.change for each in found], changes[kept], atol=1e-6)


def test_what_a_unit_pushes_is_measured_between_its_tenths(run, findings, signals):
    shares = coming(run, signals["2", "hidden"])
    for portrait in findings.portraits:
        order = np.argsort(signals[portrait.layer, portrait.signal][:, portrait.unit])
        tenth = CHARACTERS // 10
        assert_pushes(portrait.measured, shares[order[-tenth:]].mean(0) - shares[order[:tenth]].mean(0),
                      findings.alphabet)


def test_the_output_layers_row_is_told_of_units_that_it_sees(run, findings):
    rows = run.checkpoint("best").weights["dense/kernel"].astype(np.float64)
    assert {portrait.layer for portrait in findings.portraits} == {"1", "2"}
    for portrait in findings.portraits:
        if portrait.layer == "1":
            assert portrait.written == ()
        else:
            row = rows[portrait.unit]
            assert_pushes(portrait.written, row - row.mean(), findings.alphabet)


def test_gates_of_all_units_are_read_though_the_scan_is_of_others(findings, signals):
    assert set(findings.units) == {("1", "hidden"), ("2", "hidden")}
    for layer, shares in findings.saturation.items():
        assert shares.units == tuple(range(UNITS))
        for row, gate in enumerate(("input_gate", "forget_gate", "output_gate")):
            values = signals[layer, gate]
            np.testing.assert_allclose(shares.left[row], (values < 0.1).mean(axis=0), atol=2 / CHARACTERS)
            np.testing.assert_allclose(shares.right[row], (values > 0.9).mean(axis=0), atol=2 / CHARACTERS)
        half_lives = -np.log(2) / np.log(signals[layer, "forget_gate"]).mean(axis=0)
        np.testing.assert_allclose(shares.half_life, half_lives, rtol=1e-4)
    for portrait in findings.portraits:
        assert portrait.half_life == findings.saturation[portrait.layer].half_life[portrait.unit]


def test_other_blocks_give_the_same(run, findings):
    other = scan(*halves(run, block=33), OPTIONS, **ALONE)
    for one, two in zip(findings.portraits, other.portraits, strict=True):
        assert (one.layer, one.unit) == (two.layer, two.unit)
        assert [each.character for each in one.measured] == [each.character for each in two.measured]
        np.testing.assert_allclose([each.change for each in one.measured], [each.change for each in two.measured],
                                   atol=1e-6)
        assert [context.start for context in one.contexts] == [context.start for context in two.contexts]
    np.testing.assert_array_equal(findings.passages[0].expected, other.passages[0].expected)


def test_a_unit_wired_by_hand_is_portrayed_as_it_was_wired(run):
    """Unit 0 of layer 1 is high after "t" and low else, that of layer 2 follows it, and the output layer writes "h"."""
    size, place = len(run.corpus.vocabulary), run.corpus.vocabulary.characters.index
    gates = np.repeat([9.0, -30.0, 0.0, 9.0], UNITS)  # all is let in, nothing is kept, all is let out
    weights = {f"lstm_{layer}/{name}": np.zeros((inputs, 4 * UNITS), np.float32)
               for layer, width in (("1", size), ("2", UNITS))
               for name, inputs in (("kernel", width), ("recurrent_kernel", UNITS))}
    weights |= {f"lstm_{layer}/bias": gates.astype(np.float32) for layer in ("1", "2")}
    weights["lstm_1/kernel"][:, 2 * UNITS] = -4
    weights["lstm_1/kernel"][place("t"), 2 * UNITS] = 4
    weights["lstm_2/kernel"][0, 2 * UNITS] = 4
    kernel = np.zeros((UNITS, size), np.float32)
    kernel[0, place("h")] = 6
    weights |= {"dense/kernel": kernel, "dense/bias": np.zeros(size, np.float32)}
    findings = scan(*halves(run, weights), OPTIONS, **ALONE)
    assert {each.unit for each in findings.portraits} == {0}  # no other one ever moves
    portrait = next(each for each in findings.portraits if each.layer == "2")
    assert portrait.written[0].character == "h"
    assert portrait.written[0].change == pytest.approx(6 - 6 / size)
    after, else_ = (np.exp(6 * h) / (np.exp(6 * h) + size - 1) for h in (portrait.high, portrait.low))
    below = np.tanh(np.tanh(4))
    assert portrait.high == pytest.approx(np.tanh(np.tanh(4 * below)), rel=1e-3)
    assert portrait.low == pytest.approx(-portrait.high)
    assert portrait.measured[0].character == "h"
    # Less than a tenth of the characters are "t", so that the tenth of highest places holds every place there is.
    start = run.corpus.splits.test.start
    share = run.corpus.document(start, start + CHARACTERS).text.count("t") / CHARACTERS
    assert 0 < share < 0.1
    assert portrait.measured[0].change == pytest.approx(share * (after - else_), rel=1e-3)
    highest = [context for context in portrait.contexts if context.band == 4]
    assert [context.text[context.at] for context in highest] == ["t"] * 4
    assert all(context.text[context.at] != "t" for context in portrait.contexts if context.band == 0)
    assert [(each.layer, each.unit) for each in portrait.similar] == [("1", 0)] and portrait.opposite == ()
    shares = findings.saturation["2"]
    assert shares.right[0, 0] == shares.left[1, 0] == shares.right[2, 0] == 1
    assert portrait.half_life == pytest.approx(-np.log(2) / np.log(1 / (1 + np.exp(30))), rel=1e-5)
    for passage in findings.passages:
        for character, expected, chance in zip(passage.text, passage.expected, passage.chances, strict=True):
            first = findings.alphabet[expected[0]]
            assert (first == "h" and chance[0] == pytest.approx(after, rel=1e-3)) == (character == "t")


def test_windows_expect_what_they_alone_let_expect(run):
    window, start = 12, run.corpus.splits.test.start + 700
    _, windowed = halves(run, windowed=window)
    told = dict(NextCharacters.of(windowed).over(start, start + 30))
    assert list(told) == [start]
    for row, shares in enumerate(told[start]):
        after = start + row + 1
        [expected] = coming(run, signals_of(run, after - window, after)["2", "hidden"][-1:])
        np.testing.assert_allclose(shares, expected, atol=1e-5)


def test_gates_of_others_networks_are_read_line_by_line_too():
    text = foreign_networks.corpus()
    model = foreign_networks.filled(keras.Sequential([
        keras.Input((None, len(text.vocabulary))), keras.layers.LSTM(5, return_sequences=True, name="long"),
        keras.layers.GRU(4, return_sequences=True, name="gated")]))
    selection, confirmation = foreign_networks.extraction(model, text, documents="lines").halves()
    size = len(confirmation.segment) - 50  # within a line
    findings = scan(selection, confirmation, replace(OPTIONS, portraits=size), **ALONE)
    assert {each.characters for each in findings.portraits} == {size} and findings.alphabet == ()
    assert all(each.expected is None for each in findings.passages)
    assert set(findings.saturation) == {"long"}
    shares, start = findings.saturation["long"], confirmation.segment.start
    one_hot, of_layer = np.eye(len(text.vocabulary))[text.ids], foreign_networks.weights(model.layers[0])
    gates = [oracles.lstm(one_hot[first:last], *of_layer) for first, last in lines(text, start, start + size)]
    for row, gate in enumerate(("input_gate", "forget_gate", "output_gate")):
        values = np.concatenate([each[gate] for each in gates])
        np.testing.assert_allclose(shares.left[row], (values < 0.1).mean(axis=0), atol=1e-9)
        np.testing.assert_allclose(shares.right[row], (values > 0.9).mean(axis=0), atol=1e-9)


def lines(text, start, stop):
    """First character and one past the last of each line of a part."""
    ends = [start, *(place + 1 for place in range(start, stop) if text.document().text[place] == "\n"), stop]
    return [(first, last) for first, last in zip(ends, ends[1:], strict=False) if first < last]


def test_a_first_look_has_no_portraits(run):
    findings = scan(*halves(run), replace(OPTIONS, settle=True), **ALONE)
    assert findings.findings and (findings.portraits, findings.saturation, findings.alphabet) == ((), {}, ())
