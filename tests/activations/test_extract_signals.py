"""Every signal of a run, of chosen layers and units, against a float64 LSTM written from the equations."""

import numpy as np
import pytest

from probe.activations import Extraction, ExtractOptions
from probe.activations.signal import SIGNALS
from probe.corpus import Segment
from probe.errors import UserError
from probe.model import ModelOptions
from tests.activations.collecting import collected
from tests.activations.training import trained
from tests.lstm_oracle import lstm_signals


# Keras' kernel takes ten milliseconds for each character.
@pytest.mark.parametrize(("kernel", "characters", "block"), [("fused", 800, 300), ("keras", 100, 40)])
def test_every_signal_equals_the_equations(run, expected, kernel, characters, block):
    options = ExtractOptions(signals="all", streams=1, block=block, kernel=kernel)
    values, _, _ = collected(Extraction.of(run, Segment(0, characters), options=options))
    assert list(values) == [(layer, signal) for layer in ("1", "2") for signal in SIGNALS]
    for source, theirs in expected.items():
        np.testing.assert_allclose(values[source][:characters], theirs[:characters], atol=3e-6, err_msg=str(source))


@pytest.mark.parametrize(("layers", "sources"), [("1", ["1"]), ("2", ["2"]), ("2,1", ["1", "2"])])
def test_layers_units_and_signals_are_chosen(run, expected, layers, sources):
    options = ExtractOptions(signals="forget_gate,hidden", layers=layers, units="7,0-2,1", streams=2, overlap=300)
    extraction = Extraction.of(run, Segment(0, 800), options=options)
    assert extraction.units == {(layer, signal): [0, 1, 2, 7] for layer in sources
                                for signal in ("hidden", "forget_gate")}
    values, loss, _ = collected(extraction)
    for source, received in values.items():
        np.testing.assert_allclose(received[:800], expected[source][:, [0, 1, 2, 7]], atol=1e-4)
    assert np.isfinite(loss[:800]).all()  # of the output layer, which reads layer 2 whichever are kept


@pytest.mark.parametrize(("options", "complaint"), [
    ({"signals": "hiden"}, "--signals must be all, or some of hidden, cell, .* received 'hiden'"),
    ({"signals": ""}, "--signals must be all"),
    ({"signals": "output"}, "--signals must be all, or some of .* received 'output'"),
    ({"layers": "3"}, "--layers must be all, or some of 1, 2, with commas between them; received '3'"),
    ({"units": "0-10"}, "--units must be below 10, the number of units of the layer; received 10"),
    ({"units": "3-1"}, "--units must be all, or indices from 0 and ranges such as 0-63,189; received '3-1'"),
    ({"units": "-1"}, "--units must be all, or indices"), ({"units": "1-2-3"}, "--units must be all, or indices"),
    ({"units": ","}, "--units must be all, or indices"), ({"units": "9" * 30}, "--units must be all, or indices"),
    ({"windowed": 5000}, "--windowed must be at most 3,120, the characters up to the end of the segment"),
    ({"kernel": "keras", "precision": "bfloat16"}, "--precision bfloat16 is for the fused kernel"),
])
def test_what_the_network_does_not_have_is_refused(run, options, complaint):
    with pytest.raises(UserError, match=complaint):
        next(iter(Extraction.of(run, options=ExtractOptions(**options))))


def test_losses_are_left_out_where_they_are_not_asked_for(run, expected):
    options = ExtractOptions(layers="1", losses=False, streams=1)
    extraction = Extraction.of(run, Segment(0, 800), options=options)
    values, loss, _ = collected(extraction)
    np.testing.assert_allclose(values["1", "hidden"][:800], expected["1", "hidden"], atol=3e-6)
    assert np.isnan(loss).all()


def test_bfloat16_comes_near(run, expected):
    options = ExtractOptions(signals="all", precision="bfloat16", streams=1)
    values, _, _ = collected(Extraction.of(run, Segment(0, 800), options=options))
    for source, theirs in expected.items():
        assert 1e-6 < np.abs(values[source][:800] - theirs).mean() < 2e-3


@pytest.mark.parametrize("kind", ["embedding", "scalar"])
def test_inputs_of_every_kind_are_read(tmp_path, kind):
    text = tmp_path / "text.txt"
    text.write_text("She said “yes” twice, and the cat (a grey one) ran. " * 30, encoding="utf-8")
    run = trained(text, tmp_path / "run", ModelOptions(units=6, embedding=4, input=kind))
    weights, ids = run.checkpoint("best").weights, run.corpus.ids[:200].astype(int)
    count = len(run.corpus.vocabulary)
    x = weights["embedding/embeddings"][ids] if kind == "embedding" else ids[:, None] / count
    of_layer = [weights[f"lstm_1/{name}"] for name in ("kernel", "recurrent_kernel", "bias")]
    theirs = lstm_signals(x[:, None], *of_layer, np.zeros((1, 6)), np.zeros((1, 6)))
    for kernel, characters in (("fused", 200), ("keras", 60)):
        options = ExtractOptions(signals="all", streams=1, kernel=kernel)
        values = collected(Extraction.of(run, Segment(0, characters), options=options))[0]
        for signal in SIGNALS:
            np.testing.assert_allclose(values["1", signal][:characters], theirs[signal][:characters, 0], atol=3e-6)
