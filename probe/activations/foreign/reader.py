"""Computing the chosen activations of a network for one stretch of text after another."""

from collections.abc import Mapping, Sequence

import numpy as np

from probe.activations.block import LayerSignal
from probe.activations.foreign.choice import Choice
from probe.activations.foreign.entrance import Entrance
from probe.activations.foreign.steps import Array, BothWays, Recurrence, step_of
from probe.errors import UserError
from probe.model.engine import keras, tf
from probe.model.graph import Graph, Place

# The states of every layer.
States = list[list[Array]]


class Reader:
    """What is needed of a network to compute the chosen layers, and nothing more.

    Args:
        graph: the network.
        entrance: how ids enter it.
        choices: the layers and signals.
        units: the units of each that are kept.
        table: the network's id of each of the text's own ids, (V,) int32.
        kernel, precision: what computes LSTMs.
    """

    def __init__(self, graph: Graph, entrance: Entrance, choices: Sequence[Choice],
                 units: Mapping[LayerSignal, Sequence[int]], table: np.ndarray, kernel: str, precision: str) -> None:
        self._graph, self._entrance, self._units, self._table = graph, entrance, units, table
        self._chosen = {id(choice.place): choice for choice in choices}
        needed = {id(place) for choice in choices for place in (*graph.before(choice.place), choice.place)}
        self._places = [place for place in graph.places if id(place) in needed]
        self._steps = {id(place): step_of(place, kernel, precision) for place in self._places}

    def initial(self, batch: int) -> States:
        """Return the states at the beginning of ``batch`` texts."""
        return [self._steps[id(place)].initial(batch) for place in self._places]

    def read(self, ids: np.ndarray, states: States, lengths: np.ndarray | None = None,
             ) -> tuple[dict[LayerSignal, np.ndarray], States]:
        """Read a stretch of B texts.

        Args:
            ids: of the text's own vocabulary, (B, T).
            states: as the stretch before left them, or :meth:`initial`.
            lengths: (B,), the characters of each text that are no padding. Defaults to all.

        Returns:
            (layer, signal) → (B, T, U) float32, or (B, U) of a layer behind which there is no time, and the states.

        Raises:
            UserError: a layer cannot read a text of this length.
        """
        ids = self._table[ids]
        lengths = np.full(len(ids), ids.shape[1]) if lengths is None else lengths
        values: dict[int, Array] = {id(self._graph.input): self._entrance.values(tf.constant(ids))}
        recorded: dict[LayerSignal, np.ndarray] = {}
        after = []
        for place, state in zip(self._places, states, strict=True):
            choice = self._chosen.get(id(place))
            args, kwargs = place.called_with(values)
            try:
                outputs, found, left = self._steps[id(place)].read(
                    (ids,) if self._reads_one_hot(place) else args, kwargs, state, lengths,
                    choice.wanted if choice else ())
            except (ValueError, TypeError, tf.errors.InvalidArgumentError) as error:
                raise UserError(f"{self._graph.name}: layer {place.name} ({place.kind}) cannot read texts of "
                                f"{ids.shape[1]:,} characters: {str(error).strip()[:200]!r}") from error
            after.append(list(left))
            values |= {id(symbol): output for symbol, output in zip(place.node.outputs, outputs, strict=False)}
            for suffix, signal in choice.signals if choice else ():
                source = (place.name + suffix, signal)
                recorded[source] = self._kept(np.asarray(found[suffix, signal], np.float32), source)
        return recorded, after

    def _reads_one_hot(self, place: Place) -> bool:
        """Whether a layer looks up rows of its kernel by ids, for which one-hot vectors would only stand."""
        if self._entrance.kind != "one-hot" or not self._graph.reads_input(place):
            return False
        step = self._steps[id(place)]
        halves = (place.layer.forward_layer, place.layer.backward_layer) if isinstance(step, BothWays) else \
            (place.layer,) if isinstance(step, Recurrence) else ()
        return bool(halves) and all(isinstance(half, keras.layers.LSTM) for half in halves)

    def _kept(self, values: np.ndarray, source: LayerSignal) -> np.ndarray:
        units = self._units[source]
        return values if units == range(values.shape[-1]) else values[..., list(units)]
