"""Where data enters a network."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

from probe.model.legacy.config import Config
from probe.model.legacy.layer import Arrays, Flow, Layer

# Steps and numbers of one example that an input may have.
LONGEST, LARGEST_INPUT = 1 << 16, 1 << 22


@dataclass(frozen=True)
class InputLayer(Layer):
    """The shape of one example, None for any length of time."""

    kind = "InputLayer"

    shape: tuple[int | None, ...]

    @classmethod
    def of(cls, config: Config) -> Self:
        config.only("sparse", False)
        config.only("ragged", False)
        config.only("optional", False)
        config.only("input_tensor", None)
        shape = config.any("batch_input_shape") if config.given("batch_input_shape") else config.any("batch_shape")
        layer = cls(config.name, example_shape(config, shape))
        config.finish()
        return layer

    def settings(self) -> dict[str, Any]:
        return {"name": self.name, "batch_input_shape": [None, *self.shape]}

    def forward(self, inputs: Sequence[Flow], arrays: Arrays) -> Flow:
        return inputs[0]

    def keras_layer(self) -> Any:
        raise NotImplementedError("an input is made by keras.Input")


def example_shape(config: Config, shape: Any) -> tuple[int | None, ...]:
    """Return the shape of one example, from one with the batch as its first size.

    Raises:
        UserError: it is not a shape of rank 1 to 2, or absurdly large.
    """
    sizes = shape[1:] if isinstance(shape, list) else None
    if sizes is None or not 1 <= len(sizes) <= 2 or any(
            size is not None and (not isinstance(size, int) or isinstance(size, bool) or size < 1) for size in sizes):
        config.refuse(f"its input's shape must be a batch of sequences, of ids or of vectors; received {shape!r:.80}")
    if math.prod(size or 1 for size in sizes) > LARGEST_INPUT:
        config.refuse(f"its input has the shape {shape!r:.80}; at most {LARGEST_INPUT:,} numbers are accepted")
    if len(sizes) == 2 and (sizes[0] or 1) > LONGEST:
        config.refuse(f"its input has the shape {shape!r:.80}; at most {LONGEST:,} steps are accepted")
    return tuple(sizes)
