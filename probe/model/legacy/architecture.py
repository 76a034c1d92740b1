"""The architecture of a Keras 2 network: layers and what each of them reads, built from validated JSON."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from probe.errors import UserError
from probe.model.legacy.config import Config
from probe.model.legacy.embedding import Embedding, Masking
from probe.model.legacy.input_layer import InputLayer, example_shape
from probe.model.legacy.layer import MOST_LAYERS, Layer
from probe.model.legacy.merging import Merging
from probe.model.legacy.registry import layer_of
from probe.model.legacy.training_only import TrainingOnly

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
    def of(cls, config: Any, *, zeroes_masked_steps: bool = True) -> "Architecture":
        """Return the architecture that ``model.to_json()`` or a whole-model file describes.

        Args:
            config: the JSON object, with ``class_name`` and ``config``.
            zeroes_masked_steps: whether the Keras that wrote it puts zeros at masked steps inside Bidirectional; if
                not, it repeats the last output there.

        Raises:
            UserError: anything in it is refused, unknown or does not fit; the message names the layer.
        """
        if not isinstance(config, Mapping):
            raise UserError(f"a network must be described by a JSON object; received {type(config).__name__}")
        kind, content = config.get("class_name"), config.get("config")
        try:
            if kind == "Sequential":
                return _sequential(content, zeroes_masked_steps)
            if kind in FUNCTIONAL and isinstance(content, Mapping):
                return _functional(content, zeroes_masked_steps)
            raise UserError(f"the network must be Sequential or functional; received class_name {kind!r:.80}")
        except RecursionError as error:
            raise UserError("the network's description is nested too deeply") from error

    def to_json(self) -> dict[str, Any]:
        """Return a functional configuration that ``Architecture.of(…, zeroes_masked_steps=False)`` reads."""
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

    def readers(self, name: str) -> tuple[Embedding | Masking, ...]:
        """Return each Embedding and Masking that reads the input ``name`` as it is."""
        same, found = {name}, []
        for node in self.nodes:
            if same.intersection(node.sources):
                if isinstance(node.layer, Embedding | Masking):
                    found.append(node.layer)
                if isinstance(node.layer, TrainingOnly):
                    same.add(node.layer.name)
        return tuple(found)


def _sequential(content: Any, zeroes_masked_steps: bool) -> Architecture:
    entries = _entries("a Sequential", content.get("layers") if isinstance(content, Mapping) else content)
    layers = [layer_of(entry, zeroes_masked_steps=zeroes_masked_steps) for entry in entries]
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
    return _checked(chain(layers))


def chain(layers: list[Layer]) -> Architecture:
    """Return the network in which each layer reads the one before; the first is an input."""
    nodes = [Node(layer, (before.name,)) for before, layer in zip(layers[:-1], layers[1:], strict=True)]
    return Architecture((Node(layers[0]), *nodes), (layers[0].name,), (layers[-1].name,))


def _functional(content: Mapping[str, Any], zeroes_masked_steps: bool) -> Architecture:
    waiting = []
    for entry in _entries("a functional", content.get("layers")):
        layer = layer_of(entry, zeroes_masked_steps=zeroes_masked_steps)
        waiting.append(Node(layer, _sources(layer, entry.get("inbound_nodes"))))
    nodes: list[Node] = []
    placed: set[str] = set()
    while waiting:
        left = []
        # Each as soon as it can be: arrays may be handed out in the order in which Keras wrote the layers.
        for node in waiting:
            if placed.issuperset(node.sources):
                nodes.append(node)
                placed.add(node.layer.name)
            else:
                left.append(node)
        if len(left) == len(waiting):
            raise left[0].layer.refusal("reads a layer that is missing, or itself")
        waiting = left
    return _checked(Architecture(tuple(nodes), _ends(content, "input_layers"), _ends(content, "output_layers")))


def _entries(kind: str, entries: Any) -> list[Any]:
    if not isinstance(entries, list) or not entries:
        raise UserError(f"{kind} network must have a list of layers")
    if len(entries) > MOST_LAYERS:
        raise UserError(f"{kind} network with {len(entries):,} layers; at most {MOST_LAYERS} are accepted")
    return entries


def _sources(layer: Layer, inbound: Any) -> tuple[str, ...]:
    """The names of the layers that ``layer`` reads."""
    if not isinstance(inbound, list) or len(inbound) > 1:
        raise layer.refusal("is used more than once, which is not supported" if isinstance(inbound, list)
                            else "has no inbound_nodes")
    calls = inbound[0] if inbound else []
    most = 0 if isinstance(layer, InputLayer) else MOST_LAYERS if isinstance(layer, Merging) else 1
    if not isinstance(calls, list) or not min(most, 1) <= len(calls) <= most:
        raise layer.refusal(f"cannot tell what it reads from {inbound!r:.80}")
    return tuple(_source(layer, call) for call in calls)


def _source(layer: Layer, call: Any) -> str:
    name, *rest = call if isinstance(call, list) and call else [None]
    settings = rest[2] if len(rest) > 2 else {}
    if not isinstance(name, str) or rest[:2] != [0, 0] or len(rest) > 3 or not isinstance(settings, Mapping):
        raise layer.refusal(f"reads {call!r:.80}; accepted is the one output of a layer that is used once")
    given = [key for key, value in settings.items() if not (value is None or (key == "training" and value is False))]
    if given:
        raise layer.refusal(f"is called with {given[0]!r:.80}, which is not supported")
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
    if len(entrances) == len(names):
        raise UserError("a network must have layers beside its inputs")
    _check_ids(architecture)
    return architecture


def _check_ids(architecture: Architecture) -> None:
    """Refuse an Embedding that reads anything but an input of ids."""
    readers = {embedding for node in architecture.nodes if isinstance(node.layer, InputLayer) and
               len(node.layer.shape) == 1 for embedding in architecture.readers(node.layer.name)}
    for layer in architecture.layers:
        if isinstance(layer, Embedding) and layer not in readers:
            raise layer.refusal("must read an input of ids, (batch, steps), and reads something else")


def _repeated(names: list[str]) -> Iterator[str]:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            yield name
        seen.add(name)


def _free(name: str, taken: set[str]) -> str:
    while name in taken:
        name += "_"
    return name
