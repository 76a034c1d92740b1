"""From the figures of a scan to its findings."""

from collections.abc import Mapping, Sequence

import numpy as np

from probe.activations import LayerSignal
from probe.scan.confirmation import Confirmation, Nulled, Tested
from probe.scan.controls.trials import Twins
from probe.scan.evidence import Chance, Interval, Scores
from probe.scan.finding import Finding
from probe.scan.measures.raw import raw_scores
from probe.scan.ranking import Candidate


def assembled(names: Sequence[str], units: Mapping[LayerSignal, Sequence[int]], found: Sequence[Candidate],
              selection: Mapping[str, np.ndarray], confirmation: Mapping[str, np.ndarray],
              ngrams: Mapping[str, np.ndarray], tested: Tested, confirmed: Confirmation, twins: Twins,
              passage_of: Sequence[int]) -> tuple[Finding, ...]:
    """Return a finding for each candidate.

    Args:
        names: of the P patterns.
        units: (layer, signal) → the index of each unit.
        found: the K candidates.
        selection, confirmation: fields of all measures on the two texts, (units, P) each.
        ngrams: fields of the predictions from 1, 2 and 3 characters on the confirmation text, (3, P) each.
        tested: intervals and nulls.
        confirmed: what was collected on the confirmation text.
        twins: what untrained networks reach.
        passage_of: (P,) passages that show the patterns best.
    """
    boolean = confirmed.boolean
    findings = []
    for place, each in enumerate(found):
        layer, signal = each.source
        labels = confirmed.exact.labels[:, each.pattern]
        findings.append(Finding(
            pattern=names[each.pattern], rank=each.rank, layer=layer, signal=signal,
            unit=units[each.source][each.column],
            selection=_scores(selection, each), confirmation=_scores(confirmation, each),
            passage=passage_of[each.pattern],
            raw=Scores.of(**raw_scores(confirmed.values(each), labels, bool(boolean[each.pattern]))
                          if each.rank == 1 else {}),
            interval=_interval(tested, tested.resampled.correlation, place),
            auc_interval=_interval(tested, tested.resampled.auc, place),
            chance=_chance(tested.correlation, place), auc_chance=_chance(tested.auc, place),
            ngrams=tuple(Scores.of(**{name: values[order, each.pattern] for name, values in ngrams.items()})
                         for order in range(len(ngrams["correlation"]))),
            margin=_interval(tested, tested.resampled.gain, place),
            untrained=twins.beside(confirmed.values(each), each.pattern)))
    return tuple(findings)


def _scores(fields: Mapping[str, np.ndarray], candidate: Candidate) -> Scores:
    return Scores.of(**{name: values[candidate.row, candidate.pattern] for name, values in fields.items()})


def _interval(tested: Tested, bounds: np.ndarray, place: int) -> Interval:
    low, high = bounds[:, place]
    return Interval(float(low), float(high), int(tested.resampled.blocks[place]))


def _chance(nulled: Nulled, place: int) -> Chance:
    return Chance(float(nulled.p[place]), float(nulled.floor[place]), float(nulled.family[place]))
