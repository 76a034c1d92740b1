"""The article's scheme against the equations: each row is the last step of a window from the zero state."""

import numpy as np
import pytest

from probe.activations import Extraction, ExtractOptions
from probe.activations.signal import SIGNALS
from probe.corpus import Segment
from tests.activations.collecting import collected
from tests.lstm_oracle import losses, lstm_signals, read_text


@pytest.mark.parametrize("kernel", ["fused", "keras"])
@pytest.mark.parametrize(("segment", "rows"), [(Segment(0, 150), range(19, 150)), (Segment(60, 75), range(60, 75))])
def test_windows_are_each_read_from_the_zero_state(run, segment, rows, kernel, monkeypatch):
    """The article's scheme: row t is the last step of the window of 20 characters that ends at t."""
    monkeypatch.setattr("probe.activations.stretches.WINDOWS", 50)
    monkeypatch.setattr("probe.activations.windowed.STEPS", 7)
    options = ExtractOptions(signals="all", windowed=20, kernel=kernel)
    extraction = Extraction.of(run, segment, options=options)
    assert extraction.segment == Segment(rows.start, rows.stop)
    values, loss, seen = collected(extraction)
    np.testing.assert_array_equal(np.flatnonzero(seen), rows)
    weights, ids = run.checkpoint("best").weights, run.corpus.ids
    for t in (rows.start, rows.start + 7, rows.stop - 1):
        hidden, logits = read_text(ids[t - 19:t + 1], weights, 2)
        for layer in ("1", "2"):
            np.testing.assert_allclose(values[layer, "hidden"][t], hidden[int(layer) - 1][-1], atol=2e-6)
        assert loss[t] == pytest.approx(losses(ids[t:t + 2], logits[-1:])[0], rel=1e-4)
    x = np.eye(len(run.corpus.vocabulary))[ids[rows.start - 19:rows.start + 1]][:, None]
    of_layer = [weights[f"lstm_1/{name}"] for name in ("kernel", "recurrent_kernel", "bias")]
    told = lstm_signals(x, *of_layer, np.zeros((1, 10)), np.zeros((1, 10)))
    for signal in SIGNALS:
        np.testing.assert_allclose(values["1", signal][rows.start], told[signal][-1, 0], atol=2e-6)


def test_what_was_read_is_told(run):
    def scheme(**options) -> str:
        return Extraction.of(run, options=ExtractOptions(**options)).provenance["scheme"]

    assert scheme(streams=1) == "one stream from the zero state"
    assert scheme(streams=4, overlap=300) == "4 streams, each warmed up on 300 characters"
    assert scheme(windowed=100) == "windows of 100 characters, each from the zero state"
