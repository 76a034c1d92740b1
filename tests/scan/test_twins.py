"""The best of untrained twins against correlations of whole arrays."""

from types import SimpleNamespace

import numpy as np
import pytest
import scipy.stats

from probe.activations import Extraction, ExtractOptions
from probe.corpus import Corpus, Segment
from probe.errors import NoTwin, UserError
from probe.model import ModelOptions
from probe.patterns.labeller import Labeller
from probe.patterns.registry import parse_patterns
from probe.scan import ScanOptions
from probe.scan.controls.trials import Twins, untrained_twins
from probe.scan.controls.twins import best_of_twins
from probe.scan.evidence import Untrained
from probe.train import TrainOptions, train
from tests.activations.collecting import collected
from tests.scan.recorded import Recorded

NAMES = "whitespace,inside_quotes,column,digit"
BOOLEAN = np.array([True, True, False, True])
TEXT = "She said “yes” twice, and the cat (a grey one) ran. " * 60


def best(arrays, labels):
    """(P,) the largest |r| of any column of any array."""
    found = np.full(labels.shape[1], np.nan)
    for p, column in enumerate(labels.T.astype(np.float64)):
        if column.std() > 0:
            found[p] = max(abs(scipy.stats.pearsonr(values, column)[0])
                           for array in arrays for values in array.T.astype(np.float64) if values.std() > 0)
    return found


def test_the_best_unit_of_each_twin_is_that_of_whole_arrays():
    corpus, segment = Corpus.of(TEXT), Segment(100, 2001)
    labeller = Labeller(parse_patterns(NAMES, "prose"), corpus)
    generator = np.random.default_rng(0)
    networks = [{(layer, "hidden"): (generator.normal(size=(len(corpus), units)) * scale + 5).astype(np.float32)
                 for layer, units, scale in (("1", 30, 1e-3), ("2", 20, 10))} for _ in range(3)]
    networks[1]["2", "hidden"][:, 7] -= 20 * labeller.labels(0, len(corpus))[:, 0]
    networks[2]["1", "hidden"][:, :3] = 4  # constant units have no correlation, and hide none
    twins = [Recorded(corpus, segment, arrays) for arrays in networks]
    received = best_of_twins(iter(twins), labeller.labels(100, 2001), BOOLEAN)
    rows = slice(segment.start, segment.stop)
    expected = [best([array[rows] for array in arrays.values()], labeller.labels(100, 2001)) for arrays in networks]
    assert received.shape == (3, 4)
    np.testing.assert_allclose(received, expected, atol=1e-6)
    assert received[1, 0] > 0.5 > received[0, 0]
    assert np.isnan(received[:, 3]).all()
    assert best_of_twins([], labeller.labels(100, 2001), BOOLEAN).shape == (0, 4)


def test_a_unit_is_compared_on_the_characters_that_the_twins_read():
    generator = np.random.default_rng(0)
    labels = (generator.random((300, 2)) < 0.3).astype(np.float32)
    values = np.concatenate([labels[:, 0] + generator.normal(size=300), np.full(700, 9)]).astype(np.float32)
    twins = Twins(np.array([0.2, np.nan]), 19, labels)
    beside = twins.beside(values, 0)
    r, _ = scipy.stats.pearsonr(values[:300].astype(float), labels[:, 0].astype(float))
    assert beside.unit == pytest.approx(r, abs=1e-9)
    assert (beside.best, beside.twins, beside.characters) == (0.2, 19, 300)
    flicker = np.float32(3) + np.spacing(np.float32(3)) * labels[:, 0]  # a constant, as far as float32 can tell
    assert np.isnan(twins.beside(flicker, 0).unit)
    assert Twins(np.full(2, np.nan), 0, labels, "there is no network").beside(values, 0) == Untrained()


def test_labels_of_another_segment_are_refused():
    corpus = Corpus.of(TEXT)
    twin = Recorded(corpus, Segment(0, 2000), {("1", "hidden"): np.random.default_rng(0).normal(size=(len(corpus), 3))})
    with pytest.raises(ValueError, match="a twin reads 2,000 characters, and labels are of 1,999"):
        best_of_twins([twin], np.zeros((1999, 4), np.float32), BOOLEAN)


def test_twins_of_a_run_read_its_text(tmp_path):
    text = tmp_path / "text.txt"
    text.write_text(TEXT, encoding="utf-8")
    plan = TrainOptions(steps=2, batch=4, length=20, validate_every=2)
    run = train(text, tmp_path / "run", ModelOptions(units=8, layers=2), plan, show=False)
    extraction = Extraction.of(run, Segment(300, 1800), options=ExtractOptions(streams=3, signals="hidden,cell"))
    labeller = Labeller(parse_patterns(NAMES, "prose"), run.corpus)
    seen = []
    received = best_of_twins((extraction.untrained(seed) for seed in (1, 2)), labeller.labels(300, 1800), BOOLEAN,
                             seen.append)
    assert sum(block.losses.size for block in seen) == 2 * 1500
    for seed, row in zip((1, 2), received, strict=True):
        arrays = [values[300:1800] for values in collected(extraction.untrained(seed))[0].values()]
        assert len(arrays) == 4
        np.testing.assert_allclose(row, best(arrays, labeller.labels(300, 1800)), atol=1e-5)
    assert 0.2 < received[0, 0] < 1


def test_a_scan_does_without_twins_that_cannot_be_made_and_not_because_a_file_cannot_be_read():
    class Reading:
        def __init__(self, error):
            self.error = error

        def beginning(self, size):
            return self

        def untrained(self, seed):
            raise self.error

    exact, labels = SimpleNamespace(labels=np.zeros((5, 2))), SimpleNamespace(patterns=("a", "b"))
    without = untrained_twins(Reading(NoTwin("a layer of mine")), exact, ScanOptions(), labels, engine=None, show=False)
    assert (without.twins, without.reason) == (0, "a layer of mine") and np.isnan(without.best).all()
    with pytest.raises(UserError, match=r"run\.json: cannot read"):
        untrained_twins(Reading(UserError("run.json: cannot read: Input/output error")), exact, ScanOptions(), labels,
                        engine=None, show=False)
