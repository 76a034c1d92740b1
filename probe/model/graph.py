"""The layers of a Keras model in the order in which they can be computed, and what each of them reads."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from probe.errors import UserError
from probe.model.engine import keras

# Functions of tensors, by the name of a layer and a number of parts.
Compiled = dict[tuple[str, int], Callable[..., Any]]


@dataclass(frozen=True, eq=False)
class Place:
    """One layer in its place.

    Attributes:
        layer: a Keras layer, or another operation.
        node: Keras' record of what it is called with.
        calls: how often the network uses the layer.
        masks: identities of the symbols that are masks of Keras' own, which it computes again.
        compiled: what was compiled to read with the layer. It takes seconds, and serves every extraction.
    """

    layer: Any
    node: Any
    calls: int = 1
    masks: frozenset[int] = frozenset()
    compiled: Compiled = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Of the layer."""
        return str(self.layer.name)

    @property
    def kind(self) -> str:
        """The name of its class."""
        return type(self.layer).__name__

    @property
    def output(self) -> Any:
        """Its first output, as a symbol with a shape."""
        return self.node.outputs[0]

    @cached_property
    def call(self) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """What it is called with, as symbols; without the mask that Keras hung on them, since no row is masked."""
        args, kwargs = self.node.arguments.args, self.node.arguments.kwargs
        own = [getattr(symbol, "_keras_mask", None) for symbol in _symbols(args)]
        hung = all(id(mask) in self.masks or any(mask is each for each in own) for mask in _symbols(kwargs.get("mask")))
        return args, {key: value for key, value in kwargs.items() if key != "mask" or not hung}

    @cached_property
    def reads(self) -> tuple[Any, ...]:
        """The symbols that it is called with."""
        return tuple(_symbols(self.call))

    @property
    def reads_one_tensor(self) -> bool:
        """Whether it is called with one tensor and nothing else that matters."""
        args, kwargs = self.call
        rest = [value for key, value in kwargs.items() if not (key == "training" and value is False)]
        return len(args) == len(self.reads) == 1 and args[0] is self.reads[0] and all(value is None for value in rest)

    def called_with(self, values: Mapping[int, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Return what it is called with when each symbol has the value under its identity."""
        return keras.tree.map_structure(
            lambda each: values[id(each)] if isinstance(each, keras.KerasTensor) else each, self.call)


@dataclass(frozen=True, eq=False)
class Graph:
    """A network of layers.

    Attributes:
        name: what to call it in messages.
        inputs, outputs: as symbols with shape and dtype.
        places: each after those that it reads, without the inputs.
    """

    name: str
    inputs: tuple[Any, ...]
    outputs: tuple[Any, ...]
    places: tuple[Place, ...]

    @classmethod
    def of(cls, model: keras.Model, name: str) -> "Graph":
        """Take a Sequential or functional model apart.

        Raises:
            UserError: it is of a class with a ``call`` of its own, or not built.
        """
        whole = functional_part(model, name)
        nodes = [node for depth in sorted(whole._nodes_by_depth, reverse=True) for node in whole._nodes_by_depth[depth]
                 if not node.is_input]
        uses = [id(node.operation) for node in nodes]
        masks = _own_masks(nodes)
        places = [Place(node.operation, node, uses.count(id(node.operation)), masks) for node in nodes]
        return cls(name, tuple(whole.inputs), tuple(whole.outputs), _of_use(places, whole.outputs))

    @property
    def input(self) -> Any:
        """The only input.

        Raises:
            UserError: there are several.
        """
        if len(self.inputs) != 1:
            raise UserError(f"{self.name}: has {len(self.inputs)} inputs; accepted is one, of characters")
        return self.inputs[0]

    @cached_property
    def _writer(self) -> dict[int, Place]:
        """The place that each symbol comes from, by the symbol's identity."""
        return {id(symbol): place for place in self.places for symbol in place.node.outputs}

    def sources(self, place: Place) -> tuple[Place, ...]:
        """Return the places that ``place`` reads, without the input."""
        return tuple(self._writer[id(symbol)] for symbol in place.reads if id(symbol) in self._writer)

    def reads_input(self, place: Place) -> bool:
        """Return whether ``place`` reads the network's input itself."""
        return any(symbol is self.input for symbol in place.reads)

    @property
    def readers(self) -> tuple[Place, ...]:
        """The places that read the input itself."""
        return tuple(place for place in self.places if self.reads_input(place))

    def before(self, place: Place) -> tuple[Place, ...]:
        """Return everything that must be computed for what ``place`` reads, in order."""
        needed: set[int] = set()
        waiting = list(self.sources(place))
        while waiting:
            each = waiting.pop()
            if id(each) not in needed:
                needed.add(id(each))
                waiting.extend(self.sources(each))
        return tuple(each for each in self.places if id(each) in needed)


def functional_part(model: keras.Model, name: str) -> Any:
    """Return the functional model that holds the layers of a Sequential or functional one.

    Raises:
        UserError: it is of a class with a ``call`` of its own, or not built; the message says ``name``.
    """
    whole = getattr(model, "_functional", model) if isinstance(model, keras.Sequential) else model
    functional = keras.src.models.functional.Functional
    if whole is None:
        raise UserError(f"{name}: is not built yet; give its first layer an Input, or call it once")
    if not isinstance(whole, functional) or type(whole).call is not functional.call:
        raise UserError(f"{name}: is a {type(model).__name__} with a call of its own, whose layers cannot be told "
                        "apart; accepted are Sequential and functional models, such as keras.Model(inputs, outputs)")
    return whole


def _own_masks(nodes: Sequence[Any]) -> frozenset[int]:
    """The symbols that an Embedding or Masking would hang on what it puts out: in a model that was built from its
    configuration they are written out, as a comparison of what such a layer reads, and given as ``mask=``."""
    masking = {id(symbol) for node in nodes for symbol in node.input_tensors
               if isinstance(node.operation, keras.layers.Masking) or getattr(node.operation, "mask_zero", False)}
    found: set[int] = set()
    for node in nodes:
        reads = {id(symbol) for symbol in node.input_tensors}
        kind = type(node.operation).__name__
        if reads and ((kind == "NotEqual" and reads <= masking) or (kind == "Any" and reads <= found)):
            found.update(id(symbol) for symbol in node.outputs)
    return frozenset(found)


def _of_use(places: list[Place], outputs: Sequence[Any]) -> tuple[Place, ...]:
    """Those that others or the user read: Keras also lists what it computes masks with."""
    read = {id(symbol) for symbol in outputs}
    kept = []
    for place in reversed(places):
        if any(id(symbol) in read for symbol in place.node.outputs):
            kept.append(place)
            read |= {id(symbol) for symbol in place.reads}
    return tuple(reversed(kept))


def _symbols(structure: Any) -> list[Any]:
    return [each for each in keras.tree.flatten(structure) if isinstance(each, keras.KerasTensor)]
