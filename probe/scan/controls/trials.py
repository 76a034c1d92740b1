"""What is tried beside the tests: untrained twins, the network without a unit, and groups of units."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np

from probe.activations import Block, LayerSignal
from probe.corpus import Segment
from probe.errors import NoTwin
from probe.patterns import Pattern
from probe.progress import progress_bar
from probe.scan.controls.ablation import AblationOptions, ablate, units_to_ablate
from probe.scan.controls.logistic import Probe, ProbeOptions, logistic_probes
from probe.scan.controls.sample import Sample
from probe.scan.controls.twins import best_of_twins
from probe.scan.engine import Engine
from probe.scan.evidence import Untrained
from probe.scan.exact import Exact
from probe.scan.finding import Finding
from probe.scan.findings import Findings
from probe.scan.labelled import Labelling
from probe.scan.options import ScanOptions
from probe.scan.tallies.constancy import varies


@dataclass(frozen=True)
class Twins:
    """What untrained networks reach on the first characters of the confirmation text.

    Attributes:
        best: (P,) float64, the largest |r| of any unit of any of them; NaN if there are none.
        twins: how many there are.
        labels: (N, P) float32 of the characters on which they are compared.
        reason: why there are none, if there are none.
    """

    best: np.ndarray
    twins: int
    labels: np.ndarray
    reason: str = ""

    @classmethod
    def of(cls, findings: Findings, names: Sequence[str], exact: Exact, of_network: np.ndarray) -> Self:
        """Return the twins of another scan of the same text.

        Args:
            findings: of that scan.
            names: of the P patterns here.
            exact: the labels of the text's first characters.
            of_network: (P,) bool, patterns about the network itself, whose labels are others here: they have no twins.
        """
        known = {note.name: best for note, best in zip(findings.patterns, findings.controls["untrained/best"],
                                                       strict=True)}
        best = np.where(of_network, np.nan, [known.get(name, np.nan) for name in names])
        told = next((each.untrained for each in findings.findings if each.untrained.twins), Untrained())
        return cls(best, told.twins, exact.labels[:told.characters], "" if told.twins else "there were none")

    def beside(self, values: np.ndarray, pattern: int) -> Untrained:
        """Return the figures to put beside a unit whose first activations are ``values``."""
        if self.twins == 0:
            return Untrained()
        size = len(self.labels)
        own, labels = values[:size].astype(np.float64), self.labels[:, pattern].astype(np.float64)
        differ = all(varies(each.var(), each.mean()**2) for each in (own, labels))
        return Untrained(float(np.corrcoef(own, labels)[0, 1]) if differ else float("nan"), float(self.best[pattern]),
                         self.twins, size)


@dataclass(frozen=True)
class _Twin:
    """The reading of a text by an untrained twin, which is made where it reads."""

    blocks: Any
    seed: int

    @property
    def segment(self) -> Segment:
        return self.blocks.segment


@dataclass
class _Reached:
    """The largest |r| of each of K twins, (K, P)."""

    best: np.ndarray

    def merge(self, other: Self) -> None:
        self.best = np.concatenate([self.best, other.best])


@dataclass(frozen=True)
class _Read:
    """The reading of one twin: as of :func:`best_of_twins`."""

    labels: np.ndarray
    boolean: np.ndarray

    def __call__(self, twin: _Twin, told: Callable[[Block], Any] | None = None) -> _Reached:
        return _Reached(best_of_twins([twin.blocks.untrained(twin.seed)], self.labels, self.boolean, told))


def untrained_twins(confirmation: Any, exact: Exact, options: ScanOptions, labels: Labelling, *, engine: Engine,
                    show: bool) -> Twins:
    """Read the first characters of the confirmation text with untrained twins of the network, if there is one.

    Patterns about the network itself have none: they are what the trained network gives out, which its own units make
    and no other network's can know.

    Args:
        confirmation: activations of the trained network; those that were recorded have no twins.
        exact: the labels of these characters.
        options: how many twins, and how many characters.
        labels: of the confirmation text.
        engine: where they read.
        show: whether to show progress.
    """
    size = min(options.twin_characters, len(exact.labels))
    of_text = exact.labels[:size]
    nothing = np.full(len(labels.patterns), np.nan)
    if options.twins == 0 or not hasattr(confirmation, "untrained"):
        return Twins(nothing, 0, of_text, "none were asked for" if options.twins == 0 else "there is no network")
    part = confirmation.beginning(size)
    try:
        part.untrained(0)
    except NoTwin as error:
        return Twins(nothing, 0, of_text, str(error))
    twins = [_Twin(part, seed) for seed in range(options.twins)]
    reached = engine.run(_Read(of_text, labels.boolean), twins, "twins", show=show)
    return Twins(np.where(labels.of_network, np.nan, reached.best.max(axis=0)), options.twins, of_text)


def ablations(confirmation: Any, findings: Sequence[Finding], labels: Labelling, options: AblationOptions, *,
              show: bool) -> tuple[Finding, ...]:
    """Return the findings, the clearest few with what the network loses without their unit.

    Those are tried that bear most claims and correlate most, one a pattern and each unit once; of boolean patterns of
    the text.

    Args:
        confirmation: activations of the network; where there is none, nothing is tried.
        findings: of the scan.
        labels: of the confirmation text.
        options: how many are tried, and how.
        show: whether to show progress.
    """
    if options.ablated == 0 or not hasattr(confirmation, "ablated"):
        return tuple(findings)
    patterns = labels.labeller.patterns
    boolean = {pattern.name for pattern in patterns if pattern.kind == "boolean"}
    best = clearest([each for each in findings if each.rank == 1 and each.pattern in boolean])
    tried = list({(each.layer, each.unit): each for each in reversed(best)}.values())[::-1][:options.ablated]
    cases = [(each.layer, each.unit, each.pattern) for each in tried]
    if not cases:
        return tuple(findings)
    intact = confirmation.intact(options.ablation_characters)
    readings = 1 + len(units_to_ablate(intact.units, cases, options))
    with progress_bar(readings * len(intact.segment), "ablate", show=show) as bar:
        found = ablate(confirmation, labels.labeller.labels, [pattern.name for pattern in patterns], cases, options,
                       on_block=lambda block: bar.update(block.losses.size))
    of_case = dict(zip(cases, found, strict=True))
    return tuple(replace(each, ablation=of_case.get((each.layer, each.unit, each.pattern))) for each in findings)


def with_probes(findings: Sequence[Finding], selection: Sample, confirmation: Sample, patterns: Sequence[Pattern],
                units: Mapping[LayerSignal, Sequence[int]], options: ProbeOptions, *,
                show: bool) -> tuple[Finding, ...]:
    """Return the findings, the best of some patterns with what groups of units of its layer tell together.

    Args:
        findings: of the scan.
        selection, confirmation: characters drawn from the two texts.
        patterns: the P patterns.
        units: (layer, signal) → the index of each unit.
        options: for how many patterns.
        show: whether to show progress.
    """
    columns = {pattern.name: place for place, pattern in enumerate(patterns) if pattern.kind == "boolean"}
    tried = clearest([each for each in findings if each.rank == 1 and each.pattern in columns])[:options.probes]
    probed: dict[str, tuple[Probe, ...]] = {}
    with progress_bar(len(tried), "probe", " patterns", show=show) as bar:
        for finding in tried:
            source, column = (finding.layer, finding.signal), columns[finding.pattern]
            probed[finding.pattern] = logistic_probes(
                selection[source], selection.labels[:, column], confirmation[source], confirmation.labels[:, column],
                units[source])
            bar.update()
    return tuple(replace(each, probes=probed.get(each.pattern, ())) if each.rank == 1 else each for each in findings)


def clearest(findings: Sequence[Finding]) -> list[Finding]:
    """Return those whose evidence bears a claim: those that bear most first, then those that correlate most."""
    return sorted((each for each in findings if each.status),
                  key=lambda each: (-len(each.status), -abs(each.confirmation.correlation)))
