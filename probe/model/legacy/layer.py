"""What every layer that can be imported has: its settings, its raw arrays, its arithmetic, its Keras 3 counterpart."""

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, ClassVar, Self

import numpy as np

from probe.errors import UserError
from probe.model.legacy.config import Config

MOST_LAYERS = 500
# Examples that a parity check computes at once.
EXAMPLES = 8
# Numbers that one layer, or all together, may put out for the inputs of a parity check.
MOST_NUMBERS = 1 << 28

Arrays = Sequence[np.ndarray]
# A shape whose None stands for any size.
Shape = tuple[int | None, ...]


@dataclass(frozen=True, eq=False)
class Flow:
    """What passes from layer to layer in the float64 forward pass.

    Attributes:
        values: (B, …) float64; after an input of ids, whole numbers.
        mask: (B, T) bool, False at steps to be skipped; None if there is no mask.
    """

    values: np.ndarray
    mask: np.ndarray | None = None


class TooShort(UserError):
    """An input has too few steps for a convolution or pooling."""


@dataclass(frozen=True)
class Layer(ABC):
    """A layer of a Keras 2 network: its settings, without its weights.

    Its fields bear the names of Keras' configuration, so that :meth:`settings` is one that :meth:`of` reads.
    """

    kind: ClassVar[str]
    # Whether Keras hands the mask of its input on to the next layer.
    keeps_mask: ClassVar[bool] = True

    name: str

    @classmethod
    @abstractmethod
    def of(cls, config: Config) -> Self:
        """Return the layer that ``config`` describes.

        Raises:
            UserError: a setting is missing, wrong, or not supported.
        """

    def settings(self) -> dict[str, Any]:
        """Return the settings as the JSON values of a Keras configuration."""
        return asdict(self)

    @property
    def weight_names(self) -> tuple[str, ...]:
        """Names of its weights as Keras 2 and 3 order them."""
        return ()

    def accepted_shapes(self, arrays: Arrays) -> tuple[Shape, ...]:
        """Return the shapes that the file's ``arrays`` must have; by their number a layer may tell its variants."""
        return ()

    def check(self, arrays: Arrays) -> None:
        """Raise :class:`UserError` if the file's arrays are not this layer's."""
        accepted = self.accepted_shapes(arrays)
        fits = len(accepted) == len(arrays) and all(
            len(array.shape) == len(shape) and all(b in (None, a) for a, b in zip(array.shape, shape, strict=True))
            for array, shape in zip(arrays, accepted, strict=True))
        if not fits:
            raise self.refusal(f"its arrays have the shapes {_shown([array.shape for array in arrays])}, and it needs "
                               f"{_shown(accepted)}")

    def refusal(self, reason: str, kind: type[UserError] = UserError) -> UserError:
        """Return the error that names this layer."""
        return kind(f"layer {self.name} ({self.kind}): {reason}")

    @abstractmethod
    def forward(self, inputs: Sequence[Flow], arrays: Arrays) -> Flow:
        """Compute the layer in float64 as Keras 2 did at inference.

        Args:
            inputs: what it reads, one for most layers.
            arrays: its raw arrays, as they lie in the file.
        """

    def relaid(self, arrays: Arrays) -> tuple["Layer", dict[str, np.ndarray]]:
        """Return the layer of today that does the same, and its weights by name, in the order Keras 3 sets them."""
        return self, named_weights(self.weight_names, arrays)

    def relaying(self, arrays: Arrays) -> str:
        """Say in a few words what :meth:`relaid` changed; empty if nothing."""
        return ""

    @abstractmethod
    def keras_layer(self) -> Any:
        """Return a Keras 3 layer without weights; asked only of what :meth:`relaid` returns."""


def check_width(layer: Layer, values: np.ndarray, width: int) -> None:
    """Raise :class:`UserError` unless the last axis of ``values`` has ``width`` entries."""
    if values.ndim < 2 or values.shape[-1] != width:
        raise layer.refusal(f"its weights are for inputs of {width:,} numbers, and it receives {values.shape[-1]:,}")


def check_steps(layer: Layer, values: np.ndarray) -> None:
    """Raise :class:`UserError` unless ``values`` are sequences, (B, T, D)."""
    if values.ndim != 3:
        raise layer.refusal(f"needs sequences of vectors, and receives arrays of rank {values.ndim - 1}")


def check_numbers(layer: Layer, *sizes: int, most: int | None = None) -> None:
    """Raise :class:`UserError` if an output of these ``sizes`` is too much to compute for a check."""
    most = MOST_NUMBERS if most is None else most
    if math.prod(sizes) > most:
        raise layer.refusal(f"would put out {math.prod(sizes):,} numbers for {EXAMPLES} examples; at most {most:,} are "
                            "accepted")


def named_weights(names: Sequence[str], arrays: Arrays) -> dict[str, np.ndarray]:
    """Return float32 copies of ``arrays`` by ``names``, as many as there are arrays."""
    return {name: np.array(array, np.float32) for name, array in zip(names, arrays, strict=False)}


def described(layer: Layer) -> Mapping[str, Any]:
    """Return the layer as Keras describes an inner layer."""
    return {"class_name": layer.kind, "config": layer.settings()}


def _shown(shapes: Sequence[Shape]) -> str:
    words = [", ".join("any" if size is None else str(size) for size in shape) for shape in shapes]
    return ", ".join(f"({word})" for word in words) or "none"
