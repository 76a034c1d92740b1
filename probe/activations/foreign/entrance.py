"""How the ids of characters enter a network."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from probe.activations.foreign.mapping import CharacterMapping
from probe.activations.foreign.options import ForeignOptions
from probe.corpus import Corpus
from probe.corpus.codes import shown
from probe.errors import UserError
from probe.model.engine import keras, tf
from probe.model.graph import Graph


@dataclass(frozen=True)
class Entrance:
    """What a network makes of ids.

    Attributes:
        kind: ``"ids"``, ``"one-hot"`` or ``"scalar"``.
        size: numbers of a one-hot vector, or what ids are divided by; 1 for ids.
        rank: of the input, 2 for (B, T) or 3 for (B, T, D).
        dtype: of the input.
    """

    kind: str
    size: int
    rank: int
    dtype: str

    def values(self, ids: tf.Tensor) -> tf.Tensor:
        """Return what the network reads for ids (B, T) int32: (B, T), (B, T, 1) or (B, T, size)."""
        if self.kind == "one-hot":
            return tf.one_hot(ids, self.size, dtype=self.dtype)
        values = tf.cast(ids, "float32") / self.size if self.kind == "scalar" else ids
        values = tf.cast(values, self.dtype)
        return values[..., tf.newaxis] if self.rank == 3 else values


def entrance_of(graph: Graph, mapping: CharacterMapping, options: ForeignOptions) -> Entrance:
    """Tell how ids enter, by the shape of the input or by what the user says.

    Raises:
        UserError: the shape leaves it open, or contradicts what the user says.
    """
    shape, dtype = graph.input.shape, graph.input.dtype
    if len(shape) not in (2, 3) or (len(shape) == 3 and shape[-1] is None):
        raise UserError(f"{graph.name}: reads inputs of the shape {shape}; accepted are (batch, steps), "
                        "(batch, steps, 1) and (batch, steps, characters)")
    kind = options.input
    if kind == "auto" and len(shape) == 2:
        if not any(isinstance(place.layer, keras.layers.Embedding) for place in graph.readers):
            raise UserError(f"{graph.name}: reads inputs of the shape {shape} without an Embedding; --input says "
                            "whether they are ids or scalars")
        kind = "ids"
    elif kind == "auto":
        kind = "scalar" if shape[-1] == 1 else "one-hot"
    if (kind == "one-hot") != (len(shape) == 3 and shape[-1] > 1):
        raise UserError(f"{graph.name}: --input {kind} does not fit inputs of the shape {shape}")
    if options.scale is not None and kind != "scalar":
        raise UserError(f"--scale is for scalar inputs; {graph.name} reads {kind}")
    size = {"one-hot": shape[-1], "scalar": options.scale or mapping.largest + 1}.get(kind, 1)
    return Entrance(kind, int(size), len(shape), str(dtype))


def checked_table(graph: Graph, entrance: Entrance, mapping: CharacterMapping, corpus: Corpus,
                  options: ForeignOptions) -> np.ndarray:
    """Return the network's id for each of the corpus' ids, (V,) int32.

    Raises:
        UserError: a character has no id, an id is beyond what the network knows, or stands for padding.
    """
    table = mapping.table(corpus, options.stand_in)
    rows = [place.layer.input_dim for place in graph.readers if isinstance(place.layer, keras.layers.Embedding)]
    most = min(rows, default=None) if entrance.kind == "ids" else entrance.size if entrance.kind == "one-hot" else None
    if most is not None and table.max() >= most:
        raise UserError(f"{graph.name}: knows the ids 0 … {most - 1}, and {mapping.name} gives "
                        f"{_shown(corpus, int(table.argmax()))} the id {table.max()}")
    for place in graph.readers:
        masked = _masked(place.layer, entrance, table)
        if masked.any():
            raise UserError(f"{graph.name}: layer {place.name} skips the id {table[masked.argmax()]} as padding, and "
                            f"{mapping.name} gives it to {_shown(corpus, int(masked.argmax()))}")
    return table


def _masked(layer: Any, entrance: Entrance, table: np.ndarray) -> np.ndarray:
    """Which of the ids a layer takes for padding, (V,) bool."""
    if isinstance(layer, keras.layers.Embedding) and layer.mask_zero:
        return table == 0
    if isinstance(layer, keras.layers.Masking) and entrance.kind != "one-hot":
        return np.float32(table) / np.float32(entrance.size) == np.float32(layer.mask_value)
    return np.zeros(len(table), bool)


def _shown(corpus: Corpus, own: int) -> str:
    characters = corpus.vocabulary.characters
    return shown(ord(characters[own])) if own < len(characters) else "the unknown character"
