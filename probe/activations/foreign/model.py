"""Networks that others made: opened from files without running anything in them, or given alive."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from probe.activations.foreign.steps import step_of
from probe.errors import UserError
from probe.model.engine import keras
from probe.model.graph import Graph
from probe.model.imported import ImportedNetwork
from probe.model.legacy.architecture import Architecture
from probe.model.network_file import open_network


@dataclass(frozen=True)
class LayerNote:
    """What a person needs to know to choose a layer.

    Attributes:
        number: from 1, as ``--layers`` counts; inputs are not counted.
        name, kind: of the layer and of its class.
        units: numbers in a row, of each direction.
        signals: what can be recorded.
        streams: whether a text without end can be read up to here.
    """

    number: int
    name: str
    kind: str
    units: int | None
    signals: tuple[str, ...]
    streams: bool


@dataclass(frozen=True, eq=False)
class ForeignModel:
    """A network that is no run of ours.

    It pickles: one from a file as its description and weights, a live model as Keras pickles it.

    Attributes:
        name: what to call it in messages.
        origin: JSON values that tell where it comes from.
        network: the network, as it was imported or alive.
    """

    name: str
    origin: Mapping[str, Any]
    network: "ImportedNetwork | keras.Model" = field(repr=False)

    @classmethod
    def of(cls, model: keras.Model, name: str | None = None) -> "ForeignModel":
        """Take a live Keras model. Its weights are used as they are when it reads, not copied.

        Raises:
            UserError: it is neither Sequential nor functional, not built, or has several inputs.
        """
        if not isinstance(model, keras.Model):
            raise UserError(f"a model must be a keras.Model; received {type(model).__name__}")
        found = cls(name or model.name, {"file": None, "name": model.name, "keras_version": keras.__version__}, model)
        found.graph.input  # noqa: B018  raises if it cannot be read
        return found

    @cached_property
    def model(self) -> keras.Model:
        """The network as a Keras model."""
        return self.network.model() if isinstance(self.network, ImportedNetwork) else self.network

    @cached_property
    def graph(self) -> Graph:
        """Its layers in the order of computation."""
        return Graph.of(self.model, self.name)

    @property
    def layers(self) -> tuple[LayerNote, ...]:
        """Its layers, as ``--layers`` names them."""
        notes = []
        for number, place in enumerate(self.graph.places, start=1):
            step = step_of(place)
            signals = tuple(dict.fromkeys(signal for _, signal in step.signals))
            units = getattr(getattr(place.layer, "forward_layer", place.layer), "units", place.output.shape[-1])
            streams = not any(each.against_streaming for each in (step, *map(step_of, self.graph.before(place))))
            notes.append(LayerNote(number, place.name, place.kind, units, signals, streams))
        return tuple(notes)

    def __reduce__(self) -> tuple[Callable[..., "ForeignModel"], tuple[Any, ...]]:
        if isinstance(self.network, ImportedNetwork):
            network = self.network
            return _imported, (self.name, dict(self.origin), network.architecture.to_json(), dict(network.weights))
        return ForeignModel, (self.name, dict(self.origin), self.network)


def open_model(path: str | Path, *, recurrent_activation: str | None = None) -> ForeignModel:
    """Open a network to extract from, as :func:`probe.model.network_file.open_network` does with the same arguments."""
    network = open_network(path, recurrent_activation=recurrent_activation)
    return ForeignModel(str(path), network.origin, network)


def _imported(name: str, origin: dict[str, Any], architecture: Any, weights: dict[str, np.ndarray]) -> ForeignModel:
    return ForeignModel(name, origin, ImportedNetwork(
        Architecture.of(architecture, zeroes_masked_steps=False), weights, origin))
