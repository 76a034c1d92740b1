"""A scan that ranks and tests nothing: it reads until the best units are known, and looks at passages."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from itertools import compress
from typing import Any

import probe
from probe.corpus import Segment
from probe.patterns import Pattern
from probe.scan.engine import Engine
from probe.scan.evidence import Scores
from probe.scan.finding import Finding, PatternNote
from probe.scan.findings import Findings
from probe.scan.labelled import Labelling
from probe.scan.options import ScanOptions
from probe.scan.passages import PassageRecorder, choose_passages
from probe.scan.pilot import Pilot
from probe.scan.ranking import candidates
from probe.scan.records import plain
from probe.scan.settled import Settled
from probe.scan.settling import Settle


def first_look(selection: Any, confirmation: Any, patterns: Sequence[Pattern], pilot: Pilot, options: ScanOptions, *,
               notes: Mapping[str, Any], engine: Engine, show: bool) -> Findings:
    """Rank the units for each pattern on as much of the selection text as that needs.

    The findings have scores on that text alone: no confirmation, no p-values, no controls, hence no claims. How much
    was read, and of which patterns the best units are known, stands in the provenance under ``settled``.

    Args:
        selection, confirmation, options, notes, engine, show: as for :func:`~probe.scan.local.scan`; of the
            confirmation text, passages alone are read.
        patterns: that are scanned for.
        pilot: of the selection text.
    """
    ranked = engine.run(Settle(tuple(patterns), pilot, options.top), [selection], "rank", show=show)
    measures = ranked.tallying.measures()
    testing = Labelling(patterns, confirmation)
    stretches, passage_of = choose_passages(confirmation, testing, options.passage, options.passages)
    recorder = PassageRecorder(stretches, confirmation.units, len(patterns))
    for stretch in stretches:
        for labelled in testing.over(confirmation.part(stretch.start, stretch.stop)):
            recorder.update(labelled)
    findings = tuple(
        Finding(patterns[each.pattern].name, each.rank, *each.source, selection.units[each.source][each.column],
                Scores.of(**{name: values[each.row, each.pattern] for name, values in measures.items()}), Scores({}),
                passage_of[each.pattern]) for each in candidates(measures, selection.units, options))
    names = [pattern.name for pattern in patterns]
    settled = Settled(ranked.read, len(selection.segment), options.top, tuple(compress(names, ranked.settled)),
                      tuple(compress(names, ranked.occurring & ~ranked.settled)))
    return Findings(
        patterns=tuple(PatternNote(p.name, p.meaning, p.group, p.kind) for p in patterns),
        units={source: tuple(indices) for source, indices in selection.units.items()}, findings=findings,
        measures={f"selection/{field}": values for field, values in measures.items()}, controls={},
        passages=recorder.passages(confirmation.corpus),
        provenance={**selection.provenance, **notes, "scanned_by": f"probe {probe.__version__}",
                    "scan": asdict(options), "corpus": selection.corpus.source, "segments": 0, "twins": 0,
                    "settled": plain(asdict(settled)),
                    "selection": _described(selection.segment, ranked.losses.mean),
                    "confirmation": _described(confirmation.segment, None)},
        log=tuple(selection.log))


def _described(segment: Segment, loss: float | None) -> dict[str, Any]:
    return {"start": segment.start, "stop": segment.stop, "loss": loss}
