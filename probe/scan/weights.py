"""The network that was scanned, kept with its findings on request, so that a page can run it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np

from probe.files import read_bundle, write_bundle
from probe.scan.typed import Unfit, of_type

FILE = "weights.safetensors"
GATES = ("sigmoid", "hard_sigmoid")
KEYS = frozenset({"layers", "gate", "characters", "unknown", "sha256"})


@dataclass(frozen=True, eq=False)
class Network:
    """A character-level LSTM whose characters enter as one-hot vectors.

    Attributes:
        layers: their names, from the first to the last.
        gate: of the three gates: ``"sigmoid"``, or ``"hard_sigmoid"``, which is clip(0.2 x + 0.5, 0, 1).
        characters: those it knows, in the order of their ids from 0 on.
        unknown: whether one more id, the last of V, stands for every other character.
        arrays: float32, columns of 4U in the order i, f, g, o: ``"{layer}/kernel"``, (V, 4U) for the first layer and (U
            of the layer below, 4U) for the others; ``"{layer}/recurrent_kernel"`` (U, 4U); ``"{layer}/bias"`` (4U,);
            ``"output/kernel"`` (U of the last layer, V); ``"output/bias"`` (V,).
    """

    layers: tuple[str, ...]
    gate: str
    characters: tuple[str, ...]
    unknown: bool
    arrays: Mapping[str, np.ndarray]

    def units(self, layer: str) -> int:
        """Return the number U of units of a layer."""
        return len(self.arrays[f"{layer}/recurrent_kernel"])

    def save(self, folder: Path) -> dict[str, Any]:
        """Write the arrays to ``folder`` and return all else as JSON values, for :meth:`load`."""
        return {"layers": list(self.layers), "gate": self.gate, "characters": "".join(self.characters),
                "unknown": self.unknown, "sha256": write_bundle(folder / FILE, self.arrays)}

    @classmethod
    def load(cls, folder: Path, made: Any) -> Self:
        """Return the network that :meth:`save` wrote to ``folder``.

        Args:
            folder: of the findings.
            made: what it returned.

        Raises:
            Unfit: what it returned is not that, or the arrays are no such network's.
            UserError: the file of arrays is missing or damaged.
        """
        if of_type(dict, made, "network").keys() != KEYS:
            raise Unfit(f"network has other keys than {', '.join(sorted(KEYS))}")
        layers = tuple(of_type(str, name, "network.layers") for name in of_type(list, made["layers"], "network.layers"))
        characters = tuple(of_type(str, made["characters"], "network.characters"))
        if not layers or len({*layers, "output"}) <= len(layers):
            raise Unfit("network.layers has none, one twice, or one called output")
        if len(set(characters)) < len(characters) or any("\ud800" <= each <= "\udfff" for each in characters):
            raise Unfit("network.characters has one twice, or a surrogate")
        if made["gate"] not in GATES:
            raise Unfit(f"network.gate is neither {' nor '.join(GATES)}")
        unknown = of_type(bool, made["unknown"], "network.unknown")
        arrays = read_bundle(folder / FILE, str(made["sha256"]))
        _check(layers, len(characters) + unknown, arrays)
        return cls(layers, made["gate"], characters, unknown, arrays)


def _check(layers: tuple[str, ...], vocabulary: int, arrays: Mapping[str, np.ndarray]) -> None:
    below = vocabulary
    needed: dict[str, tuple[int, ...]] = {}
    for layer in layers:
        recurrent = arrays.get(f"{layer}/recurrent_kernel")
        units = recurrent.shape[0] if recurrent is not None and recurrent.shape else 0
        needed |= {f"{layer}/kernel": (below, 4 * units), f"{layer}/recurrent_kernel": (units, 4 * units),
                   f"{layer}/bias": (4 * units,)}
        below = units
    needed |= {"output/kernel": (below, vocabulary), "output/bias": (vocabulary,)}
    for name in sorted(needed.keys() ^ arrays.keys()):
        raise Unfit(f"the array {name[:40]} of the network is {'missing' if name in needed else 'strange'}")
    for name, shape in needed.items():
        array = arrays[name]
        if array.shape != shape or array.dtype != np.float32 or 0 in shape or not np.isfinite(array).all():
            raise Unfit(f"the array {name[:40]} of the network is not of finite float32 numbers of shape {shape}")
