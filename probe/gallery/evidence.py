"""The evidence for one finding in words, and where it lies on a line from 0 to 1."""

import math

from probe.gallery.claims import lead
from probe.gallery.wording import counted, field, in_a_sentence, last_characters, number
from probe.scan.controls.ablation import Ablation
from probe.scan.evidence import Interval, Scores
from probe.scan.finding import Finding


def best_order(finding: Finding) -> int:
    """Return how many characters the best n-gram looks at; 0 if there is none."""
    return next((order for order, scores in enumerate(finding.ngrams, start=1) if scores is finding.best_ngram), 0)


def on_the_line(interval: Interval) -> tuple[float, float] | None:
    """Return between which magnitudes a correlation lies, in [0, 1]; None if there is no interval."""
    if not interval:
        return None
    ends = sorted((abs(interval.low), abs(interval.high)))
    return (0.0 if interval.low < 0 < interval.high else ends[0]), min(ends[1], 1.0)


def claimed(finding: Finding) -> str:
    """Return what can be claimed of a unit, and why no more, as sentences."""
    claims = finding.claims
    if claims["associated"] is None:
        if math.isfinite(finding.chance.family):
            return "The text is too short to test it against chance, so nothing is claimed of it."
        return "It was not tested against chance, so nothing is claimed of it."
    if not claims["associated"]:
        if finding.selection.correlation * finding.confirmation.correlation < 0:
            return "It has another sign here than where it was chosen, so nothing is claimed of it."
        return "Chance does as well too often for any claim."
    return f"It goes with the pattern beyond chance{_beyond(finding)}{_taught(finding)}."


def _beyond(finding: Finding) -> str:
    if not best_order(finding):
        return ", and was not compared with the last characters"
    told, one = last_characters(len(finding.ngrams)), len(finding.ngrams) == 1
    if finding.claims["beyond n-grams"]:
        return f" and beyond what {told} explain{'s' if one else ''}"
    if lead(finding) <= 0:
        return f", but {told} do{'es' if one else ''} as well"
    if finding.margin:
        return f", but its lead over {told} is within its error"
    return (f", but the text is too short to settle whether {told} explain{'s' if one else ''} it: "
            f"{counted(finding.margin.blocks, 'block')} where twenty are needed")


def _taught(finding: Finding) -> str:
    learned, twins = finding.claims["learned"], finding.untrained.twins
    if learned is None:
        return "; whether untrained networks come as near was not tested"
    if learned:
        return f"; no unit of {counted(twins, 'untrained network')} comes as near"
    return f"; a unit of {counted(twins, 'untrained network')} comes as near, so this need not have been learned"


def without(ablation: Ablation) -> str:
    """Return what the network loses without a unit, and gains where it does better, as a sentence."""
    places = {"inside": ablation.inside, "outside": ablation.outside, "where it begins and ends": ablation.edges}
    changes = {where: round(change, 3) for where, change in places.items() if math.isfinite(change)}
    if not changes:
        return "No character was predicted without it."
    told = [f"{verb} {_joined([f'{number(abs(change), 3)} {where}' for where, change in found])}"
            for verb, found in (("loses", [each for each in changes.items() if each[1] >= 0]),
                                ("gains", [each for each in changes.items() if each[1] < 0])) if found]
    said = f"Without it the network, in nats a character, {' and '.join(told)}"
    others = [change for change in ablation.random_inside if math.isfinite(change)]
    if others:
        said += (f"; without another unit of its layer, {counted(len(others))} of them tried one at a time, it loses "
                 f"at most {number(max(0.0, *others), 3)} inside")
    return f"{said}."


def together(finding: Finding) -> str:
    """Return what one unit, a few, and all of a layer tell of the pattern together; nothing if untried."""
    told = [f"{counted(probe.size, 'unit')} {number(abs(probe.correlation))}" for probe in finding.probes]
    return f"of {_joined(told)}." if told else ""


def pairs(finding: Finding) -> str:
    """Return what the AUC on the confirmation text says of pairs of characters, as a sentence; nothing without one."""
    auc = finding.confirmation.auc
    if math.isnan(auc):
        return ""
    higher = auc >= 0.5
    told = min(99, round(100 * (auc if higher else 1 - auc)))
    return f"A character inside is {'higher' if higher else 'lower'} than one outside in {told} of 100 pairs."


def all_scores(finding: Finding) -> list[tuple[str, list[str]]]:
    """Return a row a field: its name in words, and its values where the unit was chosen, where it was confirmed,
    unquantised, and of each n-gram."""
    columns = [finding.selection, finding.confirmation, finding.raw, *finding.ngrams]
    names = dict.fromkeys(name for scores in columns for name in scores.fields)
    rows = [(field(name), [_value(name, scores) for scores in columns]) for name in names]
    return [row for row in rows if any(value not in ("", "–") for value in row[1])]


def _value(name: str, scores: Scores) -> str:
    value = scores[name]
    if name not in scores.fields:
        return ""
    if name.endswith("_direction") and math.isfinite(value):
        return "above" if value > 0 else "below"
    return number(value, 3)


def null_words(finding: Finding) -> str:
    """Return the p-values of a finding, each with what it is over."""
    told = [f"p of the {name} {in_a_sentence(chance.p, chance.floor)} over all units and "
            f"{in_a_sentence(chance.family, chance.floor)} over all units and patterns; these shifts can give no less "
            f"than {chance.floor:.2g}"
            for name, chance in (("correlation", finding.chance), ("AUC", finding.auc_chance))
            if math.isfinite(chance.p)]
    return "; ".join(told)


def _joined(told: list[str]) -> str:
    return told[0] if len(told) == 1 else f"{', '.join(told[:-1])} and {told[-1]}"
