"""Untrained twins of networks of others: the same layers with newly drawn weights."""

import warnings
from typing import Any

import numpy as np

from probe.activations.foreign.model import ForeignModel
from probe.errors import NoTwin
from probe.model.engine import keras
from probe.model.imported import ImportedNetwork
from probe.model.legacy.rebuild import keras_name


def untrained_twin(model: ForeignModel, seed: int) -> ForeignModel:
    """Return a network of the same layers with weights that no training has changed.

    A live model's layers draw them by their own initialisers, whatever seeds these have. Files are read without their
    initialisers, so that layers from a file draw by those that Keras gives to layers of their class.

    Args:
        model: the network; it is not changed.
        seed: the same seed draws the same weights.

    Raises:
        NoTwin: a layer or an initialiser cannot be made again from its configuration; the reason is told.
    """
    seeds = np.random.default_rng(seed)

    def again(layer: Any) -> Any:
        return type(layer).from_config(_seeded(layer.get_config(), seeds))

    try:
        with warnings.catch_warnings():  # of masks that a layer from a file passes on otherwise than its class
            warnings.simplefilter("ignore")
            twin = keras.models.clone_model(model.model, clone_function=again)
    except Exception as error:  # whatever a stranger's class raises
        raise NoTwin(f"{model.name}: no untrained twin can be made of it, since a layer cannot be made again from "
                     f"its configuration: {str(error).strip()[:200]!r}") from error
    origin = {**model.origin, "variation": f"untrained twin, seed {seed}"}
    network = model.network
    if not isinstance(network, ImportedNetwork):
        return ForeignModel(model.name, origin, twin)
    weights: dict[str, np.ndarray] = {}
    for layer in network.architecture.layers:
        drawn = twin.get_layer(keras_name(layer.name)).get_weights()
        weights |= {f"{layer.name}/{name}": array for name, array in zip(layer.weight_names, drawn, strict=True)}
    return ForeignModel(model.name, origin, ImportedNetwork(network.architecture, weights, origin))


def _seeded(config: Any, seeds: np.random.Generator) -> Any:
    """A configuration whose initialisers have seeds of ours."""
    if isinstance(config, dict):
        made = {name: _seeded(value, seeds) for name, value in config.items()}
        if made.get("module") == "keras.initializers" and "seed" in made.get("config", {}):
            made["config"]["seed"] = int(seeds.integers(2**31))
        return made
    return [_seeded(value, seeds) for value in config] if isinstance(config, list) else config
