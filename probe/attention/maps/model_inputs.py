"""One example as what a Keras model is called with."""

import inspect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from probe.errors import UserError, quoted
from probe.model.engine import keras, tf


@dataclass(frozen=True, eq=False)
class Example:
    """What a model reads, without a batch axis.

    Attributes:
        entries: names of inputs and their arrays, in their order; no name where the order tells.
        target: the place of the target among them; None if there is none. The source is the first.
    """

    entries: tuple[tuple[str, np.ndarray], ...]
    target: int | None

    @classmethod
    def of(cls, source: Any, target: Any) -> "Example":
        """Take arrays, or mappings of names of inputs to arrays.

        Raises:
            UserError: an array is empty, or not of finite numbers.
        """
        first, second = _entries("source", source), () if target is None else _entries("target", target)
        twice = {name for name, _ in first if name} & {name for name, _ in second}
        if twice:
            raise UserError(f"source and target both have an array for the input {', '.join(sorted(twice))}")
        return cls(first + second, len(first) if second else None)

    @property
    def source_array(self) -> np.ndarray:
        """The source."""
        return self.entries[0][1]

    @property
    def target_array(self) -> np.ndarray | None:
        """The target."""
        return None if self.target is None else self.entries[self.target][1]

    def with_another_target(self) -> "Example | None":
        """Return this example with another first position of the target; None where no other is known to be valid."""
        array = self.target_array
        if array is None:
            return None
        if array.ndim > 1:
            other = array[0] + 1
        else:
            others = array[(array != array[0]) & (array != 0)]
            if not len(others) and array[0] <= 1:
                return None
            other = others[0] if len(others) else array[0] - 1
        changed = np.concatenate([np.asarray(other)[np.newaxis].astype(array.dtype), array[1:]])
        entries = list(self.entries)
        entries[self.target or 0] = (entries[self.target or 0][0], changed)
        return replace(self, entries=tuple(entries))

    def arguments(self, model: keras.Model) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Return what ``model`` is called with, as tensors with a batch axis.

        Raises:
            UserError: inputs are missing, unknown or of another shape or type; the message lists the model's.
        """
        return _by_shape(model, self.entries) if _symbols(model) is not None else _by_signature(model, self.entries)


def _entries(side: str, given: Any) -> tuple[tuple[str, np.ndarray], ...]:
    if not isinstance(given, Mapping):
        return (("", _numbers(side, given)),)
    if not given or not all(isinstance(name, str) and name for name in given):
        raise UserError(f"{side} must be an array, or a mapping of names of inputs to arrays; received "
                        f"{quoted(repr(given))}")
    return tuple((name, _numbers(f"{side} {name}", array)) for name, array in given.items())


def _numbers(what: str, given: Any) -> np.ndarray:
    if isinstance(given, tf.Tensor):
        given = given.numpy()
    try:
        array = np.asarray(given)
    except ValueError as error:
        raise UserError(f"{what} must be an array of numbers; received rows of different lengths") from error
    if array.dtype.kind not in "biuf" or not array.ndim or not array.size:
        raise UserError(f"{what} must be an array of ids (S,) or of vectors (S, D), with at least one; received "
                        f"{array.dtype} of shape {array.shape}")
    if not np.isfinite(array).all():
        raise UserError(f"{what} must be of finite numbers; received {array[~np.isfinite(array)][0]}")
    return array


def _symbols(model: keras.Model) -> list[Any] | None:
    """The inputs of a functional or Sequential model; None of one with a ``call`` of its own."""
    functional = keras.src.models.functional.Functional
    if isinstance(model, keras.Sequential):
        return list(model.inputs)
    return list(model.inputs) if isinstance(model, functional) and type(model).call is functional.call else None


def _by_shape(model: keras.Model, entries: Sequence[tuple[str, np.ndarray]]) -> tuple[tuple[Any, ...], dict[str, Any]]:
    symbols = _symbols(model) or []
    structure = symbols[0] if isinstance(model, keras.Sequential) else model.input
    names = [symbol.name for symbol in symbols]
    if isinstance(structure, Mapping) and all(isinstance(each, keras.KerasTensor) for each in structure.values()):
        names = sorted(structure)  # as Keras flattens it
        if len(names) > 1 and not all(name for name, _ in entries):
            raise UserError(f"{model.name} takes its inputs by name; source and target must be mappings of "
                            f"{', '.join(names)} to arrays, such as {{{names[0]!r}: ids}}")
    there = ", ".join(f"{name} {_without_batch(symbol)}" for name, symbol in zip(names, symbols, strict=True))
    given = {name: array for name, array in entries if name}
    unknown, free = sorted(set(given) - set(names)), [name for name in names if name not in given]
    unnamed = [array for name, array in entries if not name]
    if unknown or len(unnamed) != len(free):
        raise UserError(f"{model.name} takes {len(names)} input{'s' * (len(names) > 1)}: {there}; received "
                        + (f"arrays for {', '.join(unknown)}" if unknown else f"{len(entries)} arrays"))
    given |= dict(zip(free, unnamed, strict=True))
    tensors = [_tensor(model, name, symbol, given[name]) for name, symbol in zip(names, symbols, strict=True)]
    return (keras.tree.pack_sequence_as(structure, tensors),), {}


def _tensor(model: keras.Model, name: str, symbol: Any, array: np.ndarray) -> tf.Tensor:
    wanted = symbol.shape[1:]
    fits = len(wanted) == array.ndim and all(size in (None, other)
                                             for size, other in zip(wanted, array.shape, strict=True))
    if not fits:
        raise UserError(f"{model.name} takes {name} of shape {_without_batch(symbol)}, one example without a batch "
                        f"axis; received {array.shape}")
    dtype = keras.backend.standardize_dtype(symbol.dtype)
    if "int" in dtype and (array != np.round(array)).any():
        raise UserError(f"{model.name} takes ids as {name}; received {array[array != np.round(array)][0]}")
    return tf.cast(tf.constant(array), dtype)[tf.newaxis]


def _without_batch(symbol: Any) -> str:
    return f"({', '.join('any' if size is None else str(size) for size in symbol.shape[1:])})"


def _by_signature(model: keras.Model,
                  entries: Sequence[tuple[str, np.ndarray]]) -> tuple[tuple[Any, ...], dict[str, Any]]:
    parameters = [each for each in inspect.signature(model.call).parameters.values()
                  if each.name not in ("training", "mask") and not each.name.endswith("_mask")
                  and each.kind is each.POSITIONAL_OR_KEYWORD]
    names = [each.name for each in parameters]
    tensors = [tf.constant(array.astype(np.int32) if array.dtype.kind in "iu" else array)[tf.newaxis]
               for _, array in entries]
    given = [name for name, _ in entries]
    if not any(given):
        if len(tensors) == 1 or len(names) >= len(tensors):
            return tuple(tensors), {}
        return (tensors,), {}
    if not all(given):
        raise UserError(f"{model.name} has a call of its own, whose inputs are all given by name or all by order; "
                        f"received names for {', '.join(filter(None, given))} alone; it takes {', '.join(names)}")
    named = dict(zip(given, tensors, strict=True))
    return ((), named) if set(given) <= set(names) else ((named,), {})
