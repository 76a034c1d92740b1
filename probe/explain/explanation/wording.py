"""An explanation in words: its caption, its facts and what a reader must know."""

import re
from typing import TYPE_CHECKING

import numpy as np

from probe.explain.explanation.verdict import missed, predicted_labels, verdict, warning
from probe.render.weighted_table import percent
from probe.render.weighted_text import PAD, PROBABILITY, WeightedText

if TYPE_CHECKING:
    from probe.explain.explanation.explanation import TextExplanation

BESIDE = "not in the text"
# Probabilities that are listed; a classifier may know thousands of labels.
LISTED = 8
# What vocabularies call the words that they lack, without brackets and in small letters.
UNKNOWN = ("unk", "oov", "unknown")
_MINUS = re.compile(r"(?<![\w.)])-(?=[0-9])")


def weighted_text(explanation: "TextExplanation") -> WeightedText:
    """Return what every view shows of an explanation.

    Where more than half of the tokens that are no pads stand nowhere in the text, the tokens are shown in its place.
    """
    offsets, pads = explanation.offsets, explanation.pads
    text, notes, outside = explanation.text, _notes(explanation), (offsets[:, 1] <= offsets[:, 0]) & ~pads
    if 2 * outside.sum() > (~pads).sum():
        text, offsets = _of_tokens(explanation)
        notes.append("most tokens have no known place in the text, so the tokens themselves are shown")
    kinds = tuple(PAD if pad else BESIDE if stop <= start else ""
                  for pad, (start, stop) in zip(pads.tolist(), offsets.tolist(), strict=True))
    layer = f", at layer {explanation.layer}" if explanation.layer else ""
    return WeightedText(text, explanation.tokens, offsets, explanation.weights, kinds, explanation.full_scale,
                        _head(explanation), explanation.method + layer, tuple(_facts(explanation)), tuple(notes),
                        verdict=verdict(explanation), warning=warning(explanation),
                        law=explanation.check.law if explanation.check else "")


def _of_tokens(explanation: "TextExplanation") -> tuple[str, np.ndarray]:
    """The tokens that are no pads as a text of one line, and where each stands."""
    text, offsets = "", np.full((len(explanation.tokens), 2), -1, np.int64)
    for place in np.flatnonzero(~explanation.pads).tolist():
        text += " " if text else ""
        offsets[place] = len(text), len(text) + len(explanation.tokens[place])
        text += explanation.tokens[place]
    return text, offsets


def _head(explanation: "TextExplanation") -> tuple[tuple[str, object], ...]:
    """What was asked, how probable it is, and its score if that is another number."""
    asked, score = ("asked", explanation.target), (explanation.scored, explanation.score)
    if explanation.scored == PROBABILITY:
        return asked, (PROBABILITY, percent(explanation.score))
    share = explanation.probabilities.get(explanation.target)
    return (asked, score) if share is None else (asked, (PROBABILITY, percent(share)), score)


def _facts(explanation: "TextExplanation") -> list[tuple[str, object]]:
    weights, check = explanation.weights, explanation.check
    facts: list[tuple[str, object]] = [("predicted", label) if label else ("predicted", "none of the labels")
                                       for label in [", ".join(predicted_labels(explanation))]
                                       if label or len(explanation.probabilities) > 1]
    if explanation.truth:
        facts.append(("truth", explanation.truth))
    facts += [("weights for", float(weights[weights > 0].sum())), ("against", float(weights[weights < 0].sum()))]
    if check is not None:
        if check.law.startswith("conservation") and not explanation.pads_masked:
            facts.append(("taken by biases and others", check.found - float(weights.sum())))
        facts += [("law expects", check.expected), ("found", check.found),
                  ("error", check.error if missed(explanation) else 0.0)]
    if explanation.pads.any():
        facts.append(("on padding", percent(explanation.pad_share)))
    return facts


def _notes(explanation: "TextExplanation") -> list[str]:
    """What stands below: of the labels and the padding, then the method's own notes."""
    notes = [_probabilities(explanation), _padding(explanation), _unknown(explanation)]
    if len(explanation.weights) and not np.any(explanation.weights):
        notes.append("every weight is zero")
    return [note for note in notes if note] + [_MINUS.sub("−", note) for note in explanation.notes if note]


def _probabilities(explanation: "TextExplanation") -> str:
    """The most probable labels, and how many more there are."""
    ranked = sorted(explanation.probabilities.items(), key=lambda pair: -pair[1])
    words = ", ".join(f"{label} {percent(share)}" for label, share in ranked[:LISTED])
    more = f" and {len(ranked) - LISTED:,} labels more" if len(ranked) > LISTED else ""
    return f"probabilities: {words}{more}" if words else ""


def _padding(explanation: "TextExplanation") -> str:
    count = int(explanation.pads.sum())
    if not count:
        return ""
    pads = f"{count:,} of {len(explanation.tokens):,} tokens are padding"
    share = f"{percent(explanation.pad_share)} of the sum of |weight|"
    return f"{pads}: their weights were set to zero, {share} lay there" if explanation.pads_masked else (
        f"{pads}: {share} lies there")


def _unknown(explanation: "TextExplanation") -> str:
    """What a token such as ``<UNK>`` is, if one was read."""
    signs = [token for token in explanation.tokens if token.strip("<>[]").lower() in UNKNOWN and token[0] in "<["]
    words = "a token" if len(signs) == 1 else f"{len(signs):,} tokens"
    return f"{signs[0]}: read in place of {words} that the vocabulary lacks" if signs else ""
