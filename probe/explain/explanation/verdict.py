"""What an explanation's classifier decided, whether that is right, and whether the weights can be trusted."""

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from probe.explain.explanation.explanation import TextExplanation

# Probabilities of labels of which one holds add up to 1, but for rounding.
ONE = 1e-3
# Of the sum of |weight|, the share that an error is measured against at least: where target and baseline have nearly
# one score the weights cancel, and a share of the expected sum alone would call any rounding large.
FLOOR = 0.1
# Shares of that size: from which on an error is told at the top, is bad, and below which it is rounding.
MISSED, BAD, ROUNDING = 0.01, 0.1, 1e-9
# What stands for the labels of a text that has none.
NONE = "none of the labels"


def predicted_labels(explanation: "TextExplanation") -> tuple[str, ...]:
    """Return the labels that are predicted, the most probable first.

    Where probabilities add up to 1 one label holds, and it is the one that is predicted. Else each stands by itself,
    and all above one half are predicted. A single output without names of its sides predicts nothing.
    """
    shares = explanation.probabilities
    if shares and (len(shares) == 1 or abs(sum(shares.values()) - 1) > ONE):
        above = [label for label in shares if shares[label] > 0.5] if len(shares) > 1 else []
        return tuple(sorted(above, key=lambda label: -shares[label]))
    return (explanation.label,) if explanation.label else ()


def verdict(explanation: "TextExplanation") -> str:
    """Return what the heading says of a text whose true labels are known: of other targets, only what they are."""
    truth, predicted = explanation.truth, predicted_labels(explanation)
    if not truth:
        return ""
    if predicted and explanation.target not in predicted:
        return f"it is {truth}"
    found, true = set(", ".join(predicted).split(", ")), set(truth.split(", "))
    if found == true or (not predicted and truth == NONE):
        return "right"
    return f"{'partly right' if found & true else 'wrong'}: it is {truth}"




def missed(explanation: "TextExplanation") -> float:
    """Return by how much the law is missed, as a share: |error| of the larger of |expected| and Σ|weight| / 10.

    Returns:
        0 without a law, where the error is below 1e-9 of that size, and where there is none; 1 is all of it.
    """
    check = explanation.check
    if check is None or not check.error:
        return 0.0
    size = max(abs(check.expected), FLOOR * float(np.abs(explanation.weights).sum())) or abs(check.error)
    share = abs(check.error) / size
    return 0.0 if share < ROUNDING else share


def warning(explanation: "TextExplanation") -> str:
    """Return a line for weights that miss their law by more than 1 %; else nothing."""
    share, check = missed(explanation), explanation.check
    if check is None or share <= MISSED:
        return ""
    remedy = "; more steps or another baseline may help" if "f(baseline)" in check.law else ""
    by = f"{share:,.0%}" if share < 10 else f"{share:,.0f} times its size"
    advice = "do not trust them" if share > BAD else "take small ones with care"
    return f"these weights miss their law by {by.replace('%', ' %')}: {advice}{remedy}"
