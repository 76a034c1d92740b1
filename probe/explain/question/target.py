"""Which number of a network's output is explained."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from probe.errors import UserError, quoted
from probe.explain.question.network import Network
from probe.options import named

OUTPUTS = ("logits", "probabilities")
# A label's number, a label, several of either, a function of the outputs, None for what is predicted.
Asked = None | int | str | Callable[[Any], Any]


@dataclass(frozen=True, eq=False)
class Target:
    """One number for each example.

    Attributes:
        value: number of the value in the network.
        index: (B,) int64, which entry of that value, counted without the batch axis.
        sign: (B,) float64, by which the entry is multiplied.
        shift: (B,) float64, which is added then.
        function: makes (B,) of the value instead; None if an entry is meant.
        names: for each example, what is asked for.
        kind: ``"logit"``, ``"probability"`` or ``"output"``.
        predicted: (B,) int64, the label that is predicted; −1 where outputs are no labels.
    """

    value: int
    index: np.ndarray
    sign: np.ndarray
    shift: np.ndarray
    function: Callable[[Any], Any] | None
    names: tuple[str, ...]
    kind: str
    predicted: np.ndarray


def target_of(network: Network, outputs: np.ndarray, asked: Asked, labels: Sequence[str] | None = None,
              output: str = "logits") -> Target:
    """Return the target that ``asked`` means.

    Args:
        network: whose.
        outputs: (B, …) what the network put out.
        asked: the number of an entry, a label, or a function that makes (B,) of the outputs; None is the label that is
            predicted. With one output and two labels, the second one's is the output and the first one's its negative
            (the logit), or what is missing from 1 (the probability).
        labels: names of the entries, or of the two sides of a single output.
        output: ``"logits"``, what goes into a softmax or sigmoid that ends the network, or ``"probabilities"``.

    Raises:
        UserError: there is no such entry or label.
    """
    if output not in OUTPUTS:
        raise UserError(f"output must be one of {', '.join(OUTPUTS)}; received {output!r}")
    flat = outputs.reshape(len(outputs), -1)
    count, width = flat.shape
    sides = width == 1 and labels is not None and len(labels) == 2
    names = _names(labels, 2 if sides else width)
    predicted = _predicted(network, flat, sides)
    squashed = output == "logits" and network.logits is not None
    value = network.logits if squashed and network.logits is not None else network.outputs[0]
    kind = "logit" if squashed else "probability" if network.squashing else "output"
    if callable(asked):
        name = getattr(asked, "__name__", "")
        words = name if name.isidentifier() else "a function of the outputs"
        return Target(network.outputs[0], np.zeros(count, np.int64), np.ones(count), np.zeros(count), asked,
                      (words,) * count, "output", predicted)
    chosen = np.maximum(predicted, 0) if asked is None else np.full(count, _number(asked, names))
    other = chosen == 0 if sides else np.zeros(count, bool)
    index = np.zeros(count, np.int64) if sides else chosen
    return Target(value, index, np.where(other, -1.0, 1.0), np.where(other & (kind == "probability"), 1.0, 0.0), None,
                  tuple(names[each] for each in chosen), kind, predicted)


def _names(labels: Sequence[str] | None, needed: int) -> list[str]:
    if labels is None:
        return [f"output {number}" for number in range(needed)]
    if len(labels) != needed or len(set(labels)) != needed:
        raise UserError(f"labels must be different names, one for each of the network's {needed} outputs (two for a "
                        f"single output); received {len(labels)}: {quoted(', '.join(labels))}")
    return list(labels)


def _number(asked: int | str, names: Sequence[str]) -> int:
    if isinstance(asked, str):
        return list(names).index(named("label", asked, {name: name for name in names}))
    if isinstance(asked, bool) or not isinstance(asked, int | np.integer) or not 0 <= asked < len(names):
        raise UserError(f"target must be an output from 0 to {len(names) - 1}, a label, or a function of the outputs; "
                        f"received {asked!r:.80}")
    return int(asked)


def _predicted(network: Network, flat: np.ndarray, sides: bool) -> np.ndarray:
    if sides:
        return (flat[:, 0] > 0.5).astype(np.int64)
    if not network.squashing and flat.shape[1] == 1:
        return np.full(len(flat), -1, np.int64)
    return flat.argmax(axis=1).astype(np.int64)
