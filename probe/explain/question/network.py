"""A Keras model as steps over numbered values: it can be cut, read from a cut on, and gone through backwards."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from itertools import count
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from probe.errors import UserError
from probe.explain.question.step import Step, Value, steps_of
from probe.model.engine import keras, tf
from probe.model.graph import Graph, functional_part

# Functions and operations that make probabilities of logits, whoever's name for them is used.
SQUASHING = {"softmax": (keras.activations.softmax, keras.ops.softmax, tf.nn.softmax),
             "sigmoid": (keras.activations.sigmoid, keras.ops.sigmoid, tf.nn.sigmoid)}


@dataclass(frozen=True, eq=False)
class Network:
    """A Keras model as steps over numbered values; nested models are unfolded, activations are steps of their own.

    Attributes:
        name: what to call it in messages.
        steps: each after those that it reads.
        inputs: numbers of the values that the model takes.
        outputs: numbers of those that it returns.
        symbols: by number, Keras' symbol with shape and dtype.
        activations: of the layers, as they were; a model whose activations were replaced is taken apart anew.
        compiled: functions of tensors, by what they compute. Compiling takes seconds, and serves every question.
    """

    name: str
    steps: tuple[Step, ...]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    symbols: Mapping[int, Any]
    activations: tuple[Any, ...]
    compiled: dict[Any, Callable[..., Any]] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, model: keras.Model) -> "Network":
        """Take a Sequential or functional model apart; its weights are used as they are when it is asked.

        Raises:
            UserError: it is no such model, or not built.
        """
        if not isinstance(model, keras.Model):
            raise UserError(f"a model must be a keras.Model; received {type(model).__name__}")
        whole = functional_part(model, model.name)
        if whole not in _NETWORKS or _NETWORKS[whole].activations != _activations(_NETWORKS[whole].steps):
            _NETWORKS[whole] = _unfolded(whole, model.name)
        return _NETWORKS[whole]

    @cached_property
    def writer(self) -> Mapping[int, Step]:
        """The step that writes each value."""
        return {number: step for step in self.steps for number in step.writes}

    @cached_property
    def readers(self) -> Mapping[int, tuple[Step, ...]]:
        """The steps that read each value."""
        return {number: tuple(step for step in self.steps if number in step.reads) for number in self.symbols}

    def shape(self, value: int) -> tuple[int | None, ...]:
        """Return the shape of a value with None for any size, the batch among them."""
        return tuple(self.symbols[value].shape)

    @cached_property
    def logits(self) -> int | None:
        """The number of the value from which the only output is squashed; None if it is not squashed last."""
        return self.writer[self.outputs[0]].reads[0] if self.squashing else None

    @cached_property
    def squashing(self) -> str:
        """``"softmax"``, ``"sigmoid"`` or nothing, by what the only output was squashed."""
        last = self.writer.get(self.outputs[0])
        if last is None or len(self.outputs) != 1:
            return ""
        return next((name for name, functions in SQUASHING.items()
                     if last.function in functions or last.kind.lower() == name), "")

    def embeddings(self, value: int) -> tuple[Step, ...]:
        """Return the embeddings that read an input, the value of this number, or what was made of its ids."""
        following = self.downstream(value)
        return tuple(step for step in self.steps if step.kind == "Embedding" and following.intersection(step.reads))

    def value_of(self, layer: Any) -> int:
        """Return the number of what a layer puts out, after its activation.

        Args:
            layer: its name, its index among the layers without the inputs (from 0, negative from the end), or the Keras
                layer itself.

        Raises:
            UserError: there is none, or it is used more than once; the message lists the layers.
        """
        ends = self.ends
        if isinstance(layer, int | np.integer) and not isinstance(layer, bool):
            if not -len(ends) <= layer < len(ends):
                raise UserError(f"layer must be an index from {-len(ends)} to {len(ends) - 1}; received {layer}")
            return list(ends.values())[layer]
        found = [value for name, value in ends.items()
                 if ((name == layer or name.endswith(f"/{layer}")) if isinstance(layer, str)
                     else self.writer[value].layer in (layer, getattr(layer, "layer", layer)))]
        if len(found) != 1:
            said = repr(layer) if isinstance(layer, str) else getattr(layer, "name", repr(layer))
            raise UserError(f"{'no layer' if not found else 'more than one use of a layer'} is called {said:.80}; "
                            f"the layers are {', '.join(ends)}")
        return found[0]

    @cached_property
    def ends(self) -> Mapping[str, int]:
        """The value after each layer, by the layer's name, in the order of computation."""
        return {step.name: step.writes[0] for step in self.steps}

    def run(self, given: Mapping[int, tf.Tensor], wanted: Sequence[int]) -> dict[int, tf.Tensor]:
        """Compute values from others; nothing else is computed.

        Args:
            given: values by number, with the masks that Keras hung on them.
            wanted: numbers.

        Raises:
            UserError: something is wanted that does not follow from what is given.
        """
        values = dict(given)
        for step in self._needed(frozenset(given), frozenset(wanted)):
            values.update(zip(step.writes, step.outputs(values), strict=True))
        return values

    def downstream(self, value: int) -> frozenset[int]:
        """Return the numbers of all values that follow from ``value``, itself among them."""
        found = {value}
        for step in self.steps:
            if found.intersection(step.reads):
                found.update(step.writes)
        return frozenset(found)

    def _needed(self, given: frozenset[int], wanted: frozenset[int]) -> list[Step]:
        missing, steps = set(wanted - given), []
        for step in reversed(self.steps):
            if missing.intersection(step.writes):
                steps.append(step)
                missing.difference_update(step.writes)
                missing.update(set(step.reads) - given)
        if missing:
            raise UserError(f"{self.name}: values {sorted(missing)} do not follow from what is given")
        return steps[::-1]


_NETWORKS: "WeakKeyDictionary[Any, Network]" = WeakKeyDictionary()


def _unfolded(whole: Any, name: str) -> Network:
    numbers, symbols, steps = count(), {}, []
    uses: dict[str, int] = {}

    def new(symbol: Any) -> int:
        number = next(numbers)
        symbols[number] = symbol
        return number

    def unfold(model: Any, given: Sequence[int], prefix: str) -> list[int]:
        graph = Graph.of(model, prefix or name)
        known = {id(symbol): number for symbol, number in zip(graph.inputs, given, strict=True)}
        for place in graph.places:
            label = f"{prefix}{place.name}"
            if isinstance(place.layer, keras.Model):
                read = [known[id(symbol)] for symbol in place.reads]
                found = unfold(place.layer, read, f"{label}/")
                known |= {id(symbol): number for symbol, number in zip(place.node.outputs, found, strict=True)}
                continue
            uses[label] = uses.get(label, 0) + 1
            label += f" ({uses[label]})" if uses[label] > 1 else ""
            written = tuple(new(symbol) for symbol in place.node.outputs)
            call = place.called_with({id(symbol): Value(known[id(symbol)]) for symbol in place.reads})
            known |= {id(symbol): number for symbol, number in zip(place.node.outputs, written, strict=True)}
            reads = tuple(known[id(symbol)] for symbol in place.reads)
            steps.extend(steps_of(label, place.layer, call, reads, written, partial(new, place.output)))
        return [known[id(symbol)] for symbol in graph.outputs]

    inputs = tuple(map(new, whole.inputs))
    outputs = tuple(unfold(whole, inputs, ""))
    return Network(name, tuple(steps), inputs, outputs, symbols, _activations(steps))


def _activations(steps: Sequence[Step]) -> tuple[Any, ...]:
    return tuple(getattr(step.layer, "activation", None) for step in steps)
