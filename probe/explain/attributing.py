"""Attributions of numbers: for networks that read vectors, and for whoever brings no text."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from probe.explain.attribution import Attribution
from probe.explain.method import Method
from probe.explain.question.network import Network
from probe.explain.question.question import ask
from probe.explain.question.target import Asked
from probe.explain.registry import method_of

if TYPE_CHECKING:
    from probe.model.engine import keras


def attribute(model: "keras.Model", inputs: np.ndarray | Sequence[np.ndarray], *, method: str | Method,
              target: Asked = None, layer: Any = None, baseline: str | np.ndarray | None = None,
              output: str = "logits", input: int = 0, seed: int = 0, **settings: Any) -> Attribution:
    """Return what each number of the input contributed to an output.

    Example::

        attribute(model, np.array([[3.0, 1.0]]), method="integrated_gradients", target=0).tokens

    Args:
        model: a Sequential or functional Keras model.
        inputs: what it takes, (B, …); an array for each input of a model with several.
        method: its name, with its settings behind, or the method itself.
        target: number of the output, or a function that makes (B,) of the outputs; None is the largest output.
        layer: name, index or instance, for methods that look at one.
        baseline: numbers that stand for nothing, on the shape of the input or of what its embedding puts out; None is
            zero.
        output: ``"logits"``, what goes into a softmax or sigmoid that ends the network, or ``"probabilities"``.
        input: which of several inputs is explained; the others stay as they are.
        seed: of methods that draw.

    Raises:
        UserError: any of them does not fit the model, or a layer that the method does not support.
    """
    network = Network.of(model)
    arrays = list(inputs) if isinstance(inputs, list | tuple) and len(network.inputs) > 1 else [np.asarray(inputs)]
    question = ask(network, arrays, target=target, output=output, layer=layer, baseline=baseline, which=input,
                   seed=seed)
    return method_of(method, settings, layer).attribute(question)
