"""The attention layers of a Keras model, by names that tell them apart."""

import inspect
from collections.abc import Iterator
from typing import Any

import numpy as np

from probe.errors import UserError, quoted
from probe.model.engine import keras

KINDS = (keras.layers.Attention, keras.layers.MultiHeadAttention, keras.layers.GroupQueryAttention)
NAMES = "Attention, AdditiveAttention, MultiHeadAttention, GroupQueryAttention"


def attention_layers(model: keras.Model) -> dict[str, Any]:
    """Return the attention layers in the order of the model's layers; those of parts are called ``part/layer``."""
    return {name: layer for name, layer in _walk(model, "", set()) if isinstance(layer, KINDS)}


def attention_layer(model: keras.Model, asked: Any) -> tuple[str, Any]:
    """Return the name and the layer that are asked for.

    Args:
        model: a Keras model.
        asked: the layer; its name, with or without the parts that hold it; or its index among the attention layers.

    Raises:
        UserError: there is none or more than one; the message lists those that there are.
    """
    layers = attention_layers(model)
    there = ", ".join(layers) or "none"
    if isinstance(asked, KINDS):
        own = next((name for name, layer in layers.items() if layer is asked), asked.name)
        return own, _that_gives_weights(own, asked)
    if isinstance(asked, keras.Layer):
        raise UserError(f"layer {asked.name} is a {type(asked).__name__}, which has no weights of attention; accepted "
                        f"are {NAMES}; {model.name} has {there}")
    if isinstance(asked, int | np.integer) and not isinstance(asked, bool):
        if not -len(layers) <= asked < len(layers):
            raise UserError(f"{model.name} has {len(layers)} attention layers ({there}); received the index {asked}")
        name = list(layers)[int(asked)]
        return name, _that_gives_weights(name, layers[name])
    found = [name for name in layers if isinstance(asked, str) and (name == asked or name.endswith(f"/{asked}"))]
    found = [name for name in found if name == asked] or found
    if len(found) != 1:
        raise UserError(f"{'no' if not found else 'more than one'} attention layer of {model.name} is called "
                        f"{quoted(asked) if isinstance(asked, str) else quoted(repr(asked))}; there are {there}")
    return found[0], _that_gives_weights(found[0], layers[found[0]])


def _walk(layer: Any, prefix: str, seen: set[int]) -> Iterator[tuple[str, Any]]:
    for each in layer._layers:
        if id(each) not in seen:
            seen.add(id(each))
            yield f"{prefix}{each.name}", each
            if not isinstance(each, KINDS):
                yield from _walk(each, f"{prefix}{each.name}/", seen)


def _that_gives_weights(name: str, layer: Any) -> Any:
    """The layer, unless what it computes has no weights to return."""
    if getattr(layer, "_flash_attention", False):
        raise UserError(f"layer {name} uses flash attention, which never holds its weights; build it with "
                        "flash_attention=False, after keras.config.disable_flash_attention()")
    arguments = inspect.signature(layer.call).parameters
    if not {"return_attention_scores", "training"} <= set(arguments):
        raise UserError(f"layer {name} is a {type(layer).__name__} with a call of its own that does not take "
                        f"return_attention_scores and training; it takes {', '.join(arguments)}")
    return layer
