"""An explanation in words: its caption, its facts and what a reader must know."""

from typing import TYPE_CHECKING

import numpy as np

from probe.render.table import cell
from probe.render.weighted_text import WeightedText

if TYPE_CHECKING:
    from probe.explain.explanation.explanation import TextExplanation

PAD, BESIDE = "pad", "not in the text"
# Probabilities that are listed; a classifier may know thousands of labels.
LISTED = 8


def weighted_text(explanation: "TextExplanation") -> WeightedText:
    """Return what every view shows of an explanation."""
    beside = explanation.offsets[:, 1] <= explanation.offsets[:, 0]
    kinds = tuple(PAD if pad else BESIDE if out else ""
                  for pad, out in zip(explanation.pads.tolist(), beside.tolist(), strict=True))
    head = (("asked", explanation.target), (explanation.scored, number(explanation.score)))
    return WeightedText(explanation.text, explanation.tokens, explanation.offsets, explanation.weights, kinds,
                        explanation.full_scale, head, explanation.method, tuple(_facts(explanation)),
                        tuple(_notes(explanation)))


def number(value: float) -> float | str:
    """Return a number as a fact: itself, or two digits and a power of ten where three decimals would show nothing."""
    return value if value == 0 or abs(value) >= 0.0005 else f"{value:.1e}".replace("-", "−")


def _facts(explanation: "TextExplanation") -> list[tuple[str, object]]:
    weights = explanation.weights
    facts: list[tuple[str, object]] = [("predicted", explanation.label)] if explanation.label else []
    facts += [("weights for", number(float(weights[weights > 0].sum()))),
              ("against", number(float(weights[weights < 0].sum())))]
    if explanation.check is not None:
        check = explanation.check
        facts += [("law expects", number(check.expected)), ("found", number(check.found)),
                  ("error", number(check.error))]
    if explanation.pads.any():
        facts.append(("on padding", f"{explanation.pad_share:.1%}"))
    return facts


def _notes(explanation: "TextExplanation") -> list[str]:
    """What stands below: of the label, the method, its law and the padding, then the method's own notes."""
    layer = f", at layer {explanation.layer}" if explanation.layer else ""
    notes = [_probabilities(explanation), f"method: {explanation.method}{layer}",
             f"law that it keeps: {explanation.check.law}" if explanation.check else "", _padding(explanation)]
    if len(explanation.weights) and not np.any(explanation.weights):
        notes.append("every weight is zero")
    return [note for note in (*notes, *explanation.notes) if note]


def _probabilities(explanation: "TextExplanation") -> str:
    """The most probable labels, and how many more there are."""
    ranked = sorted(explanation.probabilities.items(), key=lambda pair: -pair[1])
    words = ", ".join(f"{label} {cell(number(share))}" for label, share in ranked[:LISTED])
    more = f" and {len(ranked) - LISTED:,} labels more" if len(ranked) > LISTED else ""
    return f"probabilities: {words}{more}" if words else ""


def _padding(explanation: "TextExplanation") -> str:
    count = int(explanation.pads.sum())
    if not count:
        return ""
    pads = f"{count:,} of {len(explanation.tokens):,} tokens are padding"
    share = f"{explanation.pad_share:.1%} of the sum of |weight|"
    return f"{pads}: their weights were set to zero, {share} lay there" if explanation.pads_masked else (
        f"{pads}: {share} lies there")
