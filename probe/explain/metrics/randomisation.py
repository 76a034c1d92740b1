"""Whether an explanation depends on what the network has learnt."""

import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
from scipy.stats import spearmanr

from probe.errors import UserError
from probe.explain.metrics.curves import counted
from probe.explain.question.network import Network
from probe.explain.question.question import Question
from probe.model.engine import keras


@dataclass(frozen=True, eq=False)
class Randomisation:
    """Rank correlations of explanations of a trained network with those of its twins with random weights.

    Attributes:
        layers: L names, from the last layer with weights to the first.
        cascading: (L, B) float64, where this layer and all behind it are random; NaN where all weights are equal.
        independent: (L, B) float64, where this layer alone is.
        cascading_sizes, independent_sizes: the same of |weights|.
    """

    layers: tuple[str, ...]
    cascading: np.ndarray
    independent: np.ndarray
    cascading_sizes: np.ndarray
    independent_sizes: np.ndarray


@dataclass(frozen=True, eq=False)
class Twin:
    """A copy of a network, some of whose layers can be given random weights. The network itself is never touched.

    Attributes:
        network: the copy; its values have the numbers of the original's.
        layers: those of the copy that have weights, from the last to the first, by name.
        learnt, drawn: for each the trained weights and the random ones.
    """

    network: Network
    layers: Mapping[str, keras.layers.Layer]
    learnt: tuple[list[np.ndarray], ...]
    drawn: tuple[list[np.ndarray], ...]

    @classmethod
    def of(cls, network: Network, seed: int) -> "Twin":
        """Copy the layers of a network; random weights are drawn by their own initialisers.

        Raises:
            UserError: a layer cannot be copied.
        """
        originals = {step.layer: step.name for step in reversed(network.steps) if getattr(step.layer, "weights", ())}
        state = random.getstate()  # initialisers without a seed take theirs from Python's generator
        random.seed(seed)
        try:
            copies = {layer: _fresh(layer, name) for layer, name in originals.items()}
        finally:
            random.setstate(state)
        steps = tuple(replace(step, layer=copies.get(step.layer, step.layer),
                              function=copies.get(step.function, step.function)) for step in network.steps)
        named = {originals[layer]: copy for layer, copy in copies.items()}
        return cls(replace(network, steps=steps, compiled={}), named, tuple(layer.get_weights() for layer in originals),
                   tuple(copy.get_weights() for copy in copies.values()))

    def randomise(self, layers: range) -> None:
        """Give random weights to the layers of these numbers, and those that were learnt to all others."""
        for number, layer in enumerate(self.layers.values()):
            layer.set_weights(self.drawn[number] if number in layers else self.learnt[number])


def _fresh(layer: keras.layers.Layer, name: str) -> keras.layers.Layer:
    """A layer of the same kind and sizes with new weights."""
    try:
        copy = type(layer).from_config(layer.get_config())
        copy.build_from_config(layer.get_build_config())
        shapes = [[weights.shape for weights in each.weights] for each in (layer, copy)]
    except (TypeError, ValueError, NotImplementedError, AttributeError) as error:
        raise UserError(f"layer {name} ({type(layer).__name__}) cannot be copied, which networks with random weights "
                        f"need: {str(error).splitlines()[0]:.120}") from error
    if shapes[0] != shapes[1]:
        raise UserError(f"layer {name} ({type(layer).__name__}) cannot be copied, which networks with random weights "
                        "need: its description does not tell its weights")
    return copy


def randomisation(question: Question, explained: Callable[[Question], np.ndarray], weights: np.ndarray, twin: Twin,
                  asked: Callable[[Network], Question]) -> Randomisation:
    """Compare an explanation with those of networks whose layers forget what they learnt (Adebayo et al. 2018).

    Args:
        question: B examples.
        explained: question → weights (B, T).
        weights: (B, T) float64, of the trained network.
        twin: of the network.
        asked: network → the same question about it.

    Returns:
        Spearman's correlations over the tokens that are no padding.
    """
    there, count = counted(question), len(twin.layers)
    found = []
    for layers in _stages(count):
        twin.randomise(layers)
        found.append(explained(asked(twin.network)))
    signed = np.array([_correlations(weights, each, there) for each in found])
    sizes = np.array([_correlations(np.abs(weights), np.abs(each), there) for each in found])
    alone = [0, *range(count, len(found))]  # the last layer by itself is where the cascade begins
    return Randomisation(tuple(twin.layers), signed[:count], signed[alone], sizes[:count], sizes[alone])


def _stages(count: int) -> Iterator[range]:
    """Which layers are random: the last one, the last two…; then each by itself."""
    yield from (range(number + 1) for number in range(count))
    yield from (range(number, number + 1) for number in range(1, count))


def _correlations(one: np.ndarray, other: np.ndarray, there: np.ndarray) -> list[float]:
    return [_correlation(a[tokens], b[tokens]) for a, b, tokens in zip(one, other, there, strict=True)]


def _correlation(one: np.ndarray, other: np.ndarray) -> float:
    if len(one) < 2 or np.ptp(one) == 0 or np.ptp(other) == 0:
        return float("nan")
    return float(spearmanr(one, other).statistic)
