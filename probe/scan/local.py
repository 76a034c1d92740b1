"""The scan: rank every unit for every pattern on one text, test the best on another."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

import probe
from probe.activations import Blocks
from probe.corpus import Segment
from probe.errors import UserError
from probe.patterns import NetworkPattern, Pattern, network_patterns, parse_patterns
from probe.scan.assembling import assembled
from probe.scan.collecting import Losses
from probe.scan.confirmation import segments_of
from probe.scan.controls.ablation import AblationOptions
from probe.scan.controls.logistic import ProbeOptions
from probe.scan.controls.sample import Sample
from probe.scan.controls.trials import Twins, ablations, untrained_twins, with_probes
from probe.scan.engine import SHORTEST_PART, Engine, Local, most_parts, parts_of
from probe.scan.finding import PatternNote
from probe.scan.findings import Findings
from probe.scan.first_look import first_look
from probe.scan.labelled import Labelling
from probe.scan.options import ScanOptions
from probe.scan.passages import choose_passages
from probe.scan.passes import Confirm, Select
from probe.scan.pilot import Pilot
from probe.scan.portraits.drawing import portrayed
from probe.scan.ranking import candidates

# A pilot this short fixes no quantiles, and a confirmation this short confirms nothing.
SHORTEST = 100


def scan(selection: Blocks, confirmation: Blocks, options: ScanOptions = ScanOptions(), *,
         patterns: Sequence[Pattern] = (), ablation: AblationOptions = AblationOptions(),
         probes: ProbeOptions = ProbeOptions(), against: Findings | None = None,
         notes: Mapping[str, Any] | None = None, engine: Engine = Local(), show: bool = True) -> Findings:
    """Scan every unit against every pattern.

    Units are ranked by the magnitude of their score on ``selection``. On ``confirmation`` the best of each pattern are
    held against the null of rolled labels, against predictions from the last one, two and three characters that were
    fitted on ``selection``, and against untrained twins of the network; some are taken out of it.

    Args:
        selection: activations over the text on which units are ranked.
        confirmation: activations of the same network over text that ranking did not see.
        options: patterns, ranking, tests, and what is kept.
        patterns: further ones, of the user's own, which ``options.patterns`` may name in expressions.
        ablation: which findings are taken out of the network; none where there is no network.
        probes: for which patterns groups of units are tried.
        against: a scan of the same texts by other weights of the same network: its best units are tested here as well,
            whatever their rank, and its untrained twins are taken for new ones.
        notes: JSON values to keep with the provenance, beside what the activations tell of themselves.
        engine: where the text is read: here, or on a cluster.
        show: whether to show progress.

    With ``options.settle`` units are ranked on as much of ``selection`` as that needs, and nothing is tested.

    Raises:
        UserError: an unknown pattern, a text too short, or activations that are not finite.
    """
    check_texts(selection, confirmation, engine)
    chosen = parse_patterns(options.patterns, selection.corpus.language, patterns, network=network_of(selection))
    names = [pattern.name for pattern in chosen]
    testing = Labelling(chosen, confirmation)

    def sample(blocks: Blocks) -> Sample:
        return Sample(blocks.segment, probes.rows_for(blocks.units), blocks.units, len(chosen), seed=probes.probe_seed)

    pilot = Pilot.of(selection, Labelling(chosen, selection))
    if options.settle:
        return first_look(selection, confirmation, chosen, pilot, options, notes=notes or {}, engine=engine, show=show)
    selected = engine.run(Select(chosen, pilot, sample(selection)), parts_of(selection, engine.parts), "rank",
                          show=show)
    measures = selected.tallying.measures()
    followed = {(names.index(each.pattern), (each.layer, each.signal), each.unit)
                for each in (against.findings if against else ()) if each.rank == 1 and each.pattern in names}
    found = candidates(measures, selection.units, options, followed)

    parts = parts_of(confirmation, engine.parts)
    segments = min(segments_of(part, len(chosen), options.rolls) for part in parts)
    stretches, passage_of = choose_passages(confirmation, testing, options.passage, options.passages)
    counts = {source: tallies.counts for source, tallies in selected.tallying.tallies.items()}
    confirmed = engine.run(Confirm(chosen, pilot, confirmation.segment, found, selected.ngrams, counts, segments,
                                   stretches, sample(confirmation)), parts, "test", show=show)
    tested, held_out = confirmed.tested(), confirmed.tallying.measures()

    twins = (Twins.of(against, names, confirmed.exact, testing.of_network) if against
             else untrained_twins(confirmation, confirmed.exact, options, testing, engine=engine, show=show))
    ngrams = selected.ngrams.scored_on(confirmed.ngrams)
    findings = assembled(names, selection.units, found, measures, held_out, ngrams, tested, confirmed, twins,
                         passage_of)
    findings = ablations(confirmation, findings, testing, ablation, show=show)
    findings = with_probes(findings, selected.sample, confirmed.sample, chosen, selection.units, probes, show=show)
    controls = {f"ngram_{order}/{field}": values for field, scores in ngrams.items()
                for order, values in enumerate(scores, start=1)}
    controls |= {"correlation_time": tested.times, "chance/threshold": tested.correlation.threshold,
                 "chance/q": tested.correlation.q, "chance/auc_threshold": tested.auc.threshold,
                 "chance/auc_q": tested.auc.q, "untrained/best": twins.best}
    shown = portrayed(confirmation, confirmed.exact, confirmed.boolean,
                      confirmed.recorder.passages(confirmation.corpus), options.portraits, show=show)
    return Findings(
        patterns=tuple(PatternNote(p.name, p.meaning, p.group, p.kind) for p in chosen),
        units={source: tuple(indices) for source, indices in selection.units.items()}, findings=findings,
        measures={f"{text}/{field}": values for text, fields in (("selection", measures), ("confirmation", held_out))
                  for field, values in fields.items()},
        controls=controls, passages=shown.passages, portraits=shown.portraits, saturation=shown.saturation,
        alphabet=shown.alphabet,
        provenance={**selection.provenance, **(notes or {}), "scanned_by": f"probe {probe.__version__}",
                    "scan": asdict(options), "ablation": asdict(ablation), "probes": asdict(probes),
                    "corpus": selection.corpus.source,
                    "segments": segments, "parts": len(parts), "twins": twins.twins,
                    "selection": _described(selection.segment, selected.losses),
                    "confirmation": _described(confirmation.segment, confirmed.losses)},
        log=tuple(selection.log))


def check_texts(selection: Blocks, confirmation: Blocks, engine: Engine) -> None:
    """Raise :class:`UserError` if a text is too short for a scan, or for the parts that were asked for."""
    for name, blocks in (("selection", selection), ("confirmation", confirmation)):
        characters = len(blocks.segment)
        if characters < SHORTEST:
            raise UserError(f"the {name} text has {characters:,} characters, and a scan needs at least {SHORTEST}; "
                            "take a longer text, or train with another share for it by --splits")
        if engine.asked and engine.parts > most_parts(characters):
            raise UserError(f"--parts {engine.parts:,}: the {name} text has {characters:,} characters, and a part "
                            f"needs at least {SHORTEST_PART}; accepted are at most {most_parts(characters):,}")


def network_of(blocks: Blocks) -> Sequence[NetworkPattern]:
    """Return the patterns about the network itself that its outputs, as far as they are told, allow."""
    block = next(iter(blocks))
    return network_patterns(expected=block.expected is not None) if np.isfinite(block.losses).any() else ()


def _described(segment: Segment, losses: Losses) -> dict[str, Any]:
    return {"start": segment.start, "stop": segment.stop, "loss": losses.mean}
