"""Which arrays of ``model.weights.h5`` belong to which layer."""

import re

from probe.errors import UserError
from probe.files.hdf5 import Hdf5File
from probe.model.keras_file.config import Described
from probe.model.legacy.architecture import Architecture
from probe.model.legacy.layer import Arrays, Layer

# Groups under which versions of Keras keep layers.
ROOTS = ("layers", "_layer_checkpoint_dependencies")
RECURRENT = ("LSTM", "GRU", "SimpleRNN")


def assigned(file: Hdf5File, network: Described, architecture: Architecture) -> dict[str, Arrays]:
    """Return the arrays of each layer that has any, by its name.

    Keras calls a layer's group after its class, with a number from the second of a class on, in the order of its JSON.

    Raises:
        UserError: a layer's arrays are missing or do not fit.
    """
    root = next((each for each in ROOTS if each in file), None)
    if root is None:
        raise UserError(f"{file.path}: has no group {ROOTS[0]}, under which Keras keeps the weights of layers")
    layers = {layer.name: layer for layer in architecture.layers}
    arrays: dict[str, Arrays] = {}
    used: dict[str, int] = {}
    for name, kind in network.classes:
        place = _group(kind)
        used[place] = used.get(place, -1) + 1
        place = f"{root}/{place}" + (f"_{used[place]}" if used[place] else "")
        layer = layers[name]
        if layer.weight_names:
            _check_name(file, place, layer)
            found = [file.array(f"{place}/{inside}/{number}") for inside, count in _inside(kind, layer)
                     for number in range(count)]
            layer.check(found)
            arrays[name] = found
    return arrays


def _inside(kind: str, layer: Layer) -> list[tuple[str, int]]:
    """Where in a layer's group its arrays are, and how many."""
    count = len(layer.weight_names)
    if kind == "Bidirectional":
        return [("forward_layer/cell/vars", count // 2), ("backward_layer/cell/vars", count // 2)]
    return [({"TimeDistributed": "layer/vars"}.get(kind, "cell/vars" if kind in RECURRENT else "vars"), count)]


def _check_name(file: Hdf5File, place: str, layer: Layer) -> None:
    """Refuse a group that says that it is another layer's."""
    said = file.text(f"{place}/vars", "name") if f"{place}/vars" in file else None
    if said is not None and said != layer.name:
        raise layer.refusal(f"its weights should be in {place}, which says that it holds those of {said!r:.80}")


def _group(kind: str) -> str:
    """Return the class name in snake case, as Keras makes it: ``"SimpleRNN"`` → ``"simple_rnn"``."""
    words = re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", kind)
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", words).lower()
