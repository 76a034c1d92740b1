"""How far streams and windows are from one stream, measured against activations collected apart."""

import numpy as np
import pytest

from probe.activations import Deviation, Distance, Extraction, ExtractOptions, stream_deviation, window_deviation
from probe.corpus import Segment
from tests.activations.collecting import collected
from tests.lstm_oracle import read_text


def test_parallel_streams_come_close_and_their_deviation_is_measured(run):
    segment = Segment(0, 2000)
    exact, _, _ = collected(Extraction.of(run, segment, options=ExtractOptions(streams=1)))
    deviations = []
    for overlap in (1, 200):
        extraction = Extraction.of(run, segment, options=ExtractOptions(streams=4, overlap=overlap))
        parallel, _, _ = collected(extraction)
        differences = np.stack([np.abs(parallel[source] - exact[source])[:2000] for source in exact])
        deviation = stream_deviation(extraction)
        assert (deviation.characters, deviation.streams) == (2000, 4)
        assert deviation.largest == pytest.approx(differences.max(), rel=1e-3, abs=1e-7)
        assert deviation.mean == pytest.approx(differences.mean(), rel=1e-3, abs=1e-8)
        deviations.append(deviation.largest)
    assert deviations[0] > 1e-3
    assert deviations[1] < 1e-4


def test_deviations_are_told_of_each_signal(run):
    options = ExtractOptions(signals="hidden,cell", streams=4, overlap=3)
    extraction = Extraction.of(run, Segment(0, 2000), options=options)
    parallel = collected(extraction)[0]
    exact = collected(Extraction.of(run, Segment(0, 2000), options=ExtractOptions(signals="hidden,cell", streams=1)))[0]
    deviation = stream_deviation(extraction)
    assert list(deviation.signals) == ["hidden", "cell"]
    for signal, received in deviation.signals.items():
        differences = np.stack([np.abs(parallel[layer, signal] - exact[layer, signal])[:2000] for layer in ("1", "2")])
        assert received.largest == pytest.approx(differences.max(), rel=1e-3)
        assert received.mean == pytest.approx(differences.mean(), rel=1e-3)
    assert deviation.signals["hidden"].largest != deviation.signals["cell"].largest
    assert str(deviation).startswith("hidden by ")


def test_deviations_of_many_signals_are_told_together():
    signals = {"hidden": Distance(0.25, 0.05), "cell": Distance(0.5, 0.02), "input_gate": Distance(0.1, 0.02)}
    told = Deviation(100, 4, 0.5, 0.03, signals)
    assert str(told) == "by 0.03 on average and 0.5 at most, in cell"


def test_the_deviation_of_windows_from_a_stream_is_measured(run):
    extraction = Extraction.of(run, Segment(0, 2000))
    weights, ids = run.checkpoint("best").weights, run.corpus.ids
    stream = read_text(ids[:60], weights, 2)[0]
    apart = []
    for t in range(5, 60):
        window = read_text(ids[t - 4:t + 1], weights, 2)[0]
        apart.append([np.abs(ours[-1] - theirs[t]) for ours, theirs in zip(window, stream, strict=True)])
    deviation = window_deviation(extraction, 5, characters=55)
    assert deviation.characters == 55
    assert deviation.largest == pytest.approx(np.max(apart), rel=1e-3)
    assert deviation.mean == pytest.approx(np.mean(apart), rel=1e-3)
