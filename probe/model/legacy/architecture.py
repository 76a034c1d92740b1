"""The architecture of a Keras 2 network: layers and what each of them reads, built from validated JSON."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from probe.errors import UserError
from probe.model.legacy.config import Config
from probe.model.legacy.embedding import Embedding, Masking
from probe.model.legacy.layer import Layer
from probe.model.legacy.plain import InputLayer, TrainingOnly, example_shape
from probe.model.legacy.registry import layer_of

MOST_LAYERS = 10_000
FUNCTIONAL = ("Model", "Functional")


@dataclass(frozen=True)
class Node:
    """One layer in its place.

    Attributes:
        layer: the layer.
        sources: names of the layers that it reads, none for an input.
    """

    layer: Layer
    sources: tuple[str, ...] = ()


@dataclass(frozen=True)
class Architecture:
    """A network of layers without weights, each used once.

    Attributes:
        nodes: every layer after those that it reads.
        inputs: names of the inputs, in the order in which the network takes them.
        outputs: names of the layers whose outputs the network returns.
    """

    nodes: tuple[Node, ...]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]

    @classmethod
    def of(cls, config: Mapping[str, Any], *, by_tensorflow: bool = True) -> "Architecture":
        """Return the architecture that ``model.to_json()`` or a whole-model file describes.

        Args:
            config: the JSON object, with ``class_name`` and ``config``.
            by_tensorflow: whether tf.keras wrote it, rather than Keras of its own.

        Raises:
            UserError: anything in it is refused, unknown or does not fit; the message names the layer.
        """
        kind, content = config.get("class_name"), config.get("config")
        if kind == "Sequential":
            return _sequential(content, by_tensorflow)
        if kind in FUNCTIONAL and isinstance(content, Mapping):
            return _functional(content, by_tensorflow)
        raise UserError(f"the network must be Sequential or functional; received class_name {kind!r:.80}")

    def to_json(self) -> dict[str, Any]:
        """Return a functional configuration that ``Architecture.of(…, by_tensorflow=False)`` reads."""
        layers = [{"class_name": node.layer.kind, "name": node.layer.name, "config": node.layer.settings(),
                   "inbound_nodes": [[[source, 0, 0, {}] for source in node.sources]] if node.sources else []}
                  for node in self.nodes]
        return {"class_name": "Functional", "config": {
            "layers": layers, "input_layers": [[name, 0, 0] for name in self.inputs],
            "output_layers": [[name, 0, 0] for name in self.outputs]}}

    @property
    def layers(self) -> tuple[Layer, ...]:
        """The layers in the order of :attr:`nodes`."""
        return tuple(node.layer for node in self.nodes)

    def reader(self, name: str) -> Embedding | Masking | None:
        """Return the Embedding or Masking that is first to read the input ``name``, or None if another layer is."""
        for node in self.nodes:
            if name in node.sources:
                if isinstance(node.layer, Embedding | Masking):
                    return node.layer
                if isinstance(node.layer, TrainingOnly):
                    return self.reader(node.layer.name)
        return None


def _sequential(content: Any, by_tensorflow: bool) -> Architecture:
    entries = content.get("layers") if isinstance(content, Mapping) else content
    if not isinstance(entries, list) or not 1 <= len(entries) <= MOST_LAYERS:
        raise UserError("a Sequential network must have a list of layers")
    layers = [layer_of(entry, by_tensorflow=by_tensorflow) for entry in entries]
    if not isinstance(layers[0], InputLayer):
        shape = entries[0]["config"].get("batch_input_shape") or entries[0]["config"].get("batch_shape")
        if shape is None and isinstance(content, Mapping):
            shape = content.get("build_input_shape")
        if shape is None and isinstance(layers[0], Embedding):
            shape = [None, None]
        config = Config(layers[0].kind, {"name": layers[0].name})
        if shape is None:
            config.refuse("is the first, and does not say the shape of its input")
        layers.insert(0, InputLayer(_free("input", {layer.name for layer in layers}), example_shape(config, shape)))
    nodes = [Node(layer, (before.name,)) for before, layer in zip(layers[:-1], layers[1:], strict=True)]
    return _checked(Architecture((Node(layers[0]), *nodes), (layers[0].name,), (layers[-1].name,)))


def _functional(content: Mapping[str, Any], by_tensorflow: bool) -> Architecture:
    entries = content.get("layers")
    if not isinstance(entries, list) or not 1 <= len(entries) <= MOST_LAYERS:
        raise UserError("a functional network must have a list of layers")
    waiting = []
    for entry in entries:
        layer = layer_of(entry, by_tensorflow=by_tensorflow)
        waiting.append(Node(layer, _sources(layer, entry.get("inbound_nodes"))))
    nodes: list[Node] = []
    placed: set[str] = set()
    while waiting:
        ready = [node for node in waiting if placed.issuperset(node.sources)]
        if not ready:
            raise UserError(f"layer {waiting[0].layer.name} ({waiting[0].layer.kind}): reads a layer that is missing, "
                            "or itself")
        nodes += ready
        placed |= {node.layer.name for node in ready}
        waiting = [node for node in waiting if node.layer.name not in placed]
    return _checked(Architecture(tuple(nodes), _ends(content, "input_layers"), _ends(content, "output_layers")))


def _sources(layer: Layer, inbound: Any) -> tuple[str, ...]:
    """The names of the layers that ``layer`` reads."""
    config = Config(layer.kind, {"name": layer.name})
    if not isinstance(inbound, list) or len(inbound) > 1:
        config.refuse("is used more than once, which is not supported" if isinstance(inbound, list)
                      else "has no inbound_nodes")
    calls = inbound[0] if inbound else []
    if not isinstance(calls, list) or (bool(calls) == isinstance(layer, InputLayer)):
        config.refuse(f"cannot tell what it reads from {inbound!r:.80}")
    return tuple(_source(config, call) for call in calls)


def _source(config: Config, call: Any) -> str:
    name, *rest = call if isinstance(call, list) and call else [None]
    settings = rest[2] if len(rest) > 2 else {}
    if not isinstance(name, str) or rest[:2] != [0, 0] or len(rest) > 3 or not isinstance(settings, Mapping):
        config.refuse(f"reads {call!r:.80}; accepted is the one output of a layer that is used once")
    given = [key for key, value in settings.items() if not (value is None or (key == "training" and value is False))]
    if given:
        config.refuse(f"is called with {given[0]!r:.80}, which is not supported")
    return name


def _ends(content: Mapping[str, Any], key: str) -> tuple[str, ...]:
    ends = content.get(key)
    if isinstance(ends, list) and len(ends) == 3 and isinstance(ends[0], str):
        ends = [ends]
    if not isinstance(ends, list) or not ends or not all(
            isinstance(end, list) and len(end) == 3 and isinstance(end[0], str) and end[1:] == [0, 0] for end in ends):
        raise UserError(f"a functional network must name its {key}; received {ends!r:.80}")
    return tuple(end[0] for end in ends)


def _checked(architecture: Architecture) -> Architecture:
    names = [layer.name for layer in architecture.layers]
    twice = next(_repeated(names), None)
    if twice is not None:
        raise UserError(f"two layers are called {twice:.80}")
    missing = next((name for name in (*architecture.inputs, *architecture.outputs) if name not in names), None)
    if missing is not None:
        raise UserError(f"the network names {missing:.80} as input or output, and has no such layer")
    entrances = {layer.name for layer in architecture.layers if isinstance(layer, InputLayer)}
    if entrances != set(architecture.inputs) or len(architecture.inputs) != len(entrances):
        raise UserError(f"the inputs {sorted(architecture.inputs)} of the network must be its InputLayers "
                        f"{sorted(entrances)}")
    return architecture


def _repeated(names: list[str]) -> Iterator[str]:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            yield name
        seen.add(name)


def _free(name: str, taken: set[str]) -> str:
    return name if name not in taken else _free(f"{name}_", taken)
