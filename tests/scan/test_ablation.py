"""Ablation on a network whose losses are made up, and on a real one against averages over its raw losses."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from typing import ClassVar

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from probe.activations import Block, Extraction, ExtractOptions
from probe.corpus import Corpus, Segment
from probe.errors import UserError
from probe.model import ModelOptions
from probe.patterns.labeller import Labeller
from probe.patterns.registry import parse_patterns
from probe.scan.controls.ablation import Ablation, AblationOptions, LossSums, ablate, units_to_ablate
from probe.scan.records import READER, plain
from probe.train import TrainOptions, train
from tests.activations.collecting import collected

TEXT = "She said “yes” twice, and the cat (a grey one) ran. " * 40
UNITS = 12
NAMES = ("inside_quotes", "whitespace", "digit")


@dataclass(frozen=True)
class Network:
    """Losses of 1 everywhere; without unit 3 those inside quotes are 2 more, without others less than 0.1 anywhere."""

    corpus: Corpus
    segment: Segment
    inside: np.ndarray
    held: tuple[int, float] | None = None

    units: ClassVar = {("1", "hidden"): range(UNITS), ("2", "hidden"): range(UNITS)}

    def intact(self, characters: int) -> "Network":
        first = self.segment.start
        return replace(self, segment=Segment(first, min(self.segment.stop, first + characters)))

    def ablated(self, layer: str, unit: int, mean: float) -> "Network":
        assert layer == "1"
        return replace(self, held=(unit, mean))

    def hidden(self) -> np.ndarray:
        return np.cos(np.arange(len(self.corpus))[:, None] * np.arange(1, UNITS + 1)) * 0.1 + np.arange(UNITS)

    def losses(self) -> np.ndarray:
        """(N,) of what comes after each character."""
        losses = np.ones(len(self.corpus))
        if self.held is not None:
            unit, mean = self.held
            rows = self.hidden()[self.segment.start:self.segment.stop, unit]
            assert mean == pytest.approx(rows.mean(), abs=1e-6)
            losses += 2 * np.append(self.inside[1:], False) if unit == 3 else unit // 2 / 100
        losses[-1] = np.nan
        return losses.astype(np.float32)

    def __iter__(self) -> Iterator[Block]:
        half = len(self.segment) // 2
        starts = self.segment.start + np.array([0, half])
        for first in range(0, half, 70):
            length = min(70, half - first)
            yield self._block(starts + first, length)
        if len(self.segment) % 2:
            yield self._block(np.array([self.segment.stop - 1]), 1)

    def _block(self, starts: np.ndarray, length: int) -> Block:
        rows = starts[:, None] + np.arange(length)
        activations: Mapping = {source: self.hidden()[rows].astype(np.float32) for source in self.units}
        return Block(starts, activations, self.losses()[rows])


@pytest.fixture(scope="module")
def labeller():
    return Labeller(parse_patterns(",".join(NAMES), "prose"), Corpus.of(TEXT))


@pytest.fixture(scope="module")
def network(labeller):
    corpus = labeller.source
    inside = labeller.labels(0, len(corpus))[:, 0] > 0
    return Network(corpus, Segment(100, len(corpus)), inside)


def test_a_unit_that_the_network_needs_inside_a_pattern_stands_out_from_random_ones(network, labeller):
    options = AblationOptions(ablation_controls=4, ablation_characters=1501)
    needed, idle = ablate(network, labeller.labels, NAMES, [("1", 3, "inside_quotes"), ("1", 0, "inside_quotes")],
                          options)
    assert (needed.layer, needed.unit, needed.pattern, needed.characters) == ("1", 3, "inside_quotes", 1501)
    assert needed.inside == pytest.approx(2)
    assert needed.outside == pytest.approx(0)
    # A quotation has two edges: the first character inside, and the mark behind the last.
    assert needed.edges == pytest.approx(1, abs=0.1)
    assert needed.intact_inside == needed.intact_outside == needed.intact_edges == 1
    assert len(set(needed.random_units)) == 4 and 3 not in needed.random_units
    assert needed.random_inside == pytest.approx([unit // 2 / 100 for unit in needed.random_units], abs=1e-6)
    assert needed.share_inside == 0 and needed.share_outside == 1
    assert idle.inside == pytest.approx(0) and idle.share_inside == 1
    assert 0 not in idle.random_units


def test_random_units_are_drawn_by_the_seed_and_read_once_for_all_findings(network):
    cases = [("1", 3, "inside_quotes"), ("1", 3, "whitespace"), ("1", 5, "whitespace"), ("2", 5, "whitespace")]
    drawn = [units_to_ablate(network.units, cases, AblationOptions(ablation_controls=4, ablation_seed=seed))
             for seed in (0, 0, 1)]
    assert drawn[0] == drawn[1] != drawn[2]
    assert len(set(drawn[0])) == len(drawn[0]) <= 3 + 5 + 1 + 4
    assert set(drawn[0]) > {("1", 3), ("1", 5), ("2", 5)}
    everything = units_to_ablate(network.units, cases[:1], AblationOptions(ablation_controls=1000))
    assert sorted(everything) == [("1", unit) for unit in range(UNITS)]


def test_a_unit_is_compared_with_all_others_of_a_small_layer_and_not_with_itself(network, labeller):
    network = replace(network, segment=Segment(100, 400))
    needed, fifth = ablate(network, labeller.labels, NAMES, [("1", 3, "inside_quotes"), ("1", 5, "inside_quotes")],
                           AblationOptions(ablation_controls=1000))
    assert sorted(needed.random_units) == [unit for unit in range(UNITS) if unit != 3]
    assert sorted(fifth.random_units) == [unit for unit in range(UNITS) if unit != 5]
    # As much as without unit 4, less than without 3 and 6 to 11.
    assert fifth.inside == pytest.approx(0.02, abs=1e-6) and fifth.share_inside == pytest.approx(8 / 11)


def test_the_loss_after_the_last_character_counts_nowhere(network, labeller):
    found, = ablate(replace(network, segment=Segment(100, len(network.corpus))), labeller.labels, NAMES,
                    [("1", 3, "whitespace")], AblationOptions(ablation_controls=1))
    assert found.characters == len(network.corpus) - 101
    assert np.isfinite([found.inside, found.outside, found.edges]).all()


def test_a_pattern_that_does_not_occur_has_no_numbers_and_survives_a_record(network, labeller):
    found, = ablate(network, labeller.labels, NAMES, [("1", 3, "digit")], AblationOptions(ablation_controls=2))
    assert np.isnan([found.inside, found.edges, found.share_inside]).all()
    assert found.random_inside == () and found.outside > 0
    assert repr(READER.read(Ablation, plain(asdict(found)), "ablation")) == repr(found)


def test_a_pattern_that_is_not_labelled_is_refused(network, labeller):
    with pytest.raises(UserError, match="must be one of inside_quotes, whitespace, digit; received 'letter'"):
        ablate(network, labeller.labels, NAMES, [("1", 3, "letter")])
    assert ablate(network, labeller.labels, NAMES, []) == ()


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 99), st.lists(st.integers(1, 59), max_size=4, unique=True).map(sorted), st.integers(0, 15))
def test_sums_in_any_cutting_are_averages_over_characters(seed, cuts, sides):
    generator = np.random.default_rng(seed)
    losses = generator.random((3, 60)).astype(np.float32)
    losses[generator.random((3, 60)) < 0.1] = np.nan
    labels = (generator.random((3, 61, 2)) < [0.3, 0.02]).astype(np.float32)
    parts = [LossSums(2), LossSums(2)]
    for number, (start, stop) in enumerate(zip([0, *cuts], [*cuts, 60], strict=True)):
        parts[sides >> number & 1].update(losses[:, start:stop], labels[:, start:stop + 1])
    parts[0].merge(parts[1])
    means = parts[0].means()
    assert parts[0].characters == np.isfinite(losses).sum()
    for p in range(2):
        after, before = labels[:, 1:, p], labels[:, :-1, p]
        for place, here in enumerate((after == 1, after == 0, after != before)):
            there = losses[here & np.isfinite(losses)].astype(np.float64)
            expected = there.mean() if len(there) else np.nan
            assert means[place, p] == pytest.approx(expected, abs=1e-9, nan_ok=True)


def test_a_real_network_is_read_without_each_unit(tmp_path):
    text = tmp_path / "text.txt"
    text.write_text(TEXT, encoding="utf-8")
    plan = TrainOptions(steps=30, batch=4, length=20, validate_every=30, learning_rate=0.01)
    run = train(text, tmp_path / "run", ModelOptions(units=8, layers=2), plan, show=False)
    extraction = Extraction.of(run, Segment(200, 1500), options=ExtractOptions(streams=3, units="0-1", losses=False))
    labeller = Labeller(parse_patterns("inside_quotes,whitespace", "prose"), run.corpus)
    found, = ablate(extraction, labeller.labels, ("inside_quotes", "whitespace"), [("2", 6, "whitespace")],
                    AblationOptions(ablation_controls=3, ablation_characters=1000))
    intact = extraction.intact(1000)
    values, before, _ = collected(intact)
    mean = values["2", "hidden"][200:1200, 6].mean(dtype=np.float64)
    assert found.mean == pytest.approx(mean, abs=1e-7)
    change = collected(intact.ablated("2", 6, mean))[1][200:1200] - before[200:1200]
    label = labeller.labels(200, 1201)[:, 1] > 0
    for received, here in ((found.inside, label[1:]), (found.outside, ~label[1:]), (found.edges, np.diff(label))):
        assert received == pytest.approx(change[here].mean(), abs=1e-6)
    assert found.characters == 1000 and abs(found.inside) > 1e-4
