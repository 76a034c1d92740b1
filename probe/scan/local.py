"""The scan: rank every unit for every pattern on one text, confirm it on another."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

import probe
from probe.activations import Block, Blocks, LayerSignal
from probe.corpus import Segment
from probe.errors import UserError
from probe.patterns.labeller import Labeller
from probe.patterns.registry import parse_patterns
from probe.progress import progress_bar
from probe.scan.finding import Finding, PatternNote, Scores
from probe.scan.findings import Findings
from probe.scan.options import ScanOptions
from probe.scan.passages import PassageRecorder, choose_passages
from probe.scan.statistics import collect

# A pilot this short fixes no quantiles, and a confirmation this short confirms nothing.
SHORTEST = 100


def scan(selection: Blocks, confirmation: Blocks, options: ScanOptions = ScanOptions(), *,
         notes: Mapping[str, Any] | None = None, show: bool = True) -> Findings:
    """Scan every unit against every pattern.

    Units are ranked by the magnitude of their score on ``selection``; what they reach on ``confirmation`` is shown
    beside it, and so is what the last character alone reaches there.

    Args:
        selection: activations over the text on which units are ranked.
        confirmation: activations of the same network over text that ranking did not see.
        options: patterns, ranking and what is kept.
        notes: JSON values to keep with the provenance, beside what the activations tell of themselves.
        show: whether to show progress.

    Raises:
        UserError: an unknown pattern, a text too short, or activations that are not finite.
    """
    for name, blocks in (("selection", selection), ("confirmation", confirmation)):
        if len(blocks.segment) < SHORTEST:
            raise UserError(f"the {name} text has {len(blocks.segment):,} characters, and a scan needs at least "
                            f"{SHORTEST}; take a longer text, or train with another share for it by --splits")
    patterns = parse_patterns(options.patterns, selection.corpus.language)
    ranking_labels, testing_labels = Labeller(patterns, selection.corpus), Labeller(patterns, confirmation.corpus)
    segments, passage_of = choose_passages(confirmation, testing_labels, options.passage, options.passages)
    recorder = PassageRecorder(segments, confirmation.units)
    total = len(selection.segment) + len(confirmation.segment)
    with progress_bar(total, "scan", show=show) as bar:

        def count(block: Block) -> None:
            bar.update(block.losses.size)

        def count_and_record(block: Block) -> None:
            recorder.update(block)
            count(block)

        ranked = collect(selection, ranking_labels, on_block=count)
        tested = collect(confirmation, testing_labels, like=ranked, on_block=count_and_record)
    control = ranked.last_character.scored_on(tested.last_character)
    measures = {f"{name}/{field}": values for name, statistics in (("selection", ranked), ("confirmation", tested))
                for field, values in statistics.result().items()}
    controls = {f"last_character/{field}": values for field, values in control.items()}
    names = [pattern.name for pattern in patterns]
    units = {source: tuple(indices) for source, indices in selection.units.items()}
    return Findings(
        patterns=tuple(PatternNote(p.name, p.meaning, p.group, p.kind) for p in patterns),
        units=units, findings=_ranked(names, units, measures, controls, passage_of, options),
        measures=measures, controls=controls,
        passages=recorder.passages(confirmation, testing_labels),
        provenance={**selection.provenance, **(notes or {}), "scanned_by": f"probe {probe.__version__}",
                    "scan": asdict(options), "corpus": selection.corpus.source,
                    "selection": _described(selection.segment, ranked.loss),
                    "confirmation": _described(confirmation.segment, tested.loss)},
        log=tuple(selection.log))


def _ranked(names: list[str], units: Mapping[LayerSignal, Sequence[int]], measures: Mapping[str, np.ndarray],
            controls: Mapping[str, np.ndarray], passage_of: list[int], options: ScanOptions) -> tuple[Finding, ...]:
    rows = [(layer, signal, unit) for (layer, signal), indices in units.items() for unit in indices]
    strength = np.abs(measures["selection/correlation"])
    if options.rank_by == "auc":
        auc = np.abs(measures["selection/auc"] - 0.5)
        strength = np.where(np.isnan(auc).all(axis=0), strength, auc)  # graded patterns have no AUC
    findings = []
    for p, name in enumerate(names):
        defined = np.flatnonzero(np.isfinite(strength[:, p]))
        best = defined[np.argsort(-strength[defined, p], kind="stable")][:options.top]
        for rank, row in enumerate(best, start=1):
            layer, signal, unit = rows[row]
            findings.append(Finding(
                name, rank, layer, signal, unit, _scores(measures, "selection", row, p),
                _scores(measures, "confirmation", row, p),
                Scores(float(controls["last_character/correlation"][p]), float(controls["last_character/auc"][p])),
                passage_of[p]))
    return tuple(findings)


def _scores(measures: Mapping[str, np.ndarray], text: str, row: int, p: int) -> Scores:
    return Scores(float(measures[f"{text}/correlation"][row, p]), float(measures[f"{text}/auc"][row, p]))


def _described(segment: Segment, loss: float) -> dict[str, Any]:
    return {"start": segment.start, "stop": segment.stop, "loss": loss if np.isfinite(loss) else None}
