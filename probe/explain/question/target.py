"""Which number of a network's output is explained."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from probe.errors import UserError, quoted
from probe.explain.options import OUTPUTS
from probe.explain.question.network import Network
from probe.model.engine import tf
from probe.options import named

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
        asked: the number of an entry, a label, or a function of TensorFlow or ``keras.ops`` that makes (R,) of any R
            rows of outputs, row by row; None is the label that is predicted. With one output and two labels, the
            second one's is the output and the first one's its negative (the logit), or what is missing from 1 (the
            probability).
        labels: names of the entries, or of the two sides of a single output.
        output: ``"logits"``, what goes into a softmax or sigmoid that ends the network, or ``"probabilities"``.

    Raises:
        UserError: there is no such entry or label, or the function is none of these.
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
        _check_function(asked, outputs)
        name = getattr(asked, "__name__", "")
        words = name if name.isidentifier() else "a function of the outputs"
        return Target(network.outputs[0], np.zeros(count, np.int64), np.ones(count), np.zeros(count), asked,
                      (words,) * count, "output", predicted)
    chosen = np.maximum(predicted, 0) if asked is None else np.full(count, _number(asked, names))
    other = chosen == 0 if sides else np.zeros(count, bool)
    index = np.zeros(count, np.int64) if sides else chosen
    return Target(value, index, np.where(other, -1.0, 1.0), np.where(other & (kind == "probability"), 1.0, 0.0), None,
                  tuple(names[each] for each in chosen), kind, predicted)


def _check_function(function: Callable[[Any], Any], outputs: np.ndarray) -> None:
    """Refuse a function that does not make one number of each row by itself."""
    try:
        compiled = tf.function(function, autograph=False)
        whole, first = (np.asarray(compiled(tf.constant(rows, tf.float32)), np.float64)
                        for rows in (outputs, outputs[:1]))
    except Exception as error:  # whatever somebody's function raises
        said = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise UserError(f"the function of the outputs failed on outputs of the shape {outputs.shape}: {said:.120}; it "
                        "must be made of TensorFlow or keras.ops") from error
    if whole.size != len(outputs) or first.size != 1 or not np.allclose(whole.flat[0], first.flat[0], rtol=1e-3):
        raise UserError(f"a function of the outputs must make one number of each row by itself, ({len(outputs)},) of "
                        f"outputs of the shape {outputs.shape}; received {whole.shape}")


def _names(labels: Sequence[str] | None, needed: int) -> list[str]:
    if labels is None:
        return [f"output {number}" for number in range(needed)]
    names = [str(label) for label in labels]
    if len(names) != needed or len(set(names)) != needed or not all(names):
        raise UserError(f"labels must be different names, one for each of the network's {needed} outputs (two for a "
                        f"single output); received {len(names)}: {quoted(', '.join(names))}")
    return names


def _number(asked: int | str, names: Sequence[str]) -> int:
    if isinstance(asked, str):
        return list(names).index(named("label", asked, {name: name for name in names}))
    if isinstance(asked, bool) or not isinstance(asked, int | np.integer) or not 0 <= asked < len(names):
        raise UserError(f"target must be an output from 0 to {len(names) - 1}, a label, or a function of the outputs; "
                        f"received {asked!r:.80}")
    return int(asked)


def _predicted(network: Network, flat: np.ndarray, sides: bool) -> np.ndarray:
    if sides:
        return (flat[:, 0] > (0.5 if network.squashing else 0.0)).astype(np.int64)
    if flat.shape[1] == 1:
        return np.full(len(flat), -1, np.int64)
    return flat.argmax(axis=1).astype(np.int64)
