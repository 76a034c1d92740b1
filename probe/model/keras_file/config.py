"""The JSON of a `.keras` file, said in the words of Keras 2, in which architectures are read and checked."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from probe.errors import UserError
from probe.model.keras_file.masks import history_of, masking_operations, source_of
from probe.model.legacy.activations import OF_KERAS_3
from probe.model.legacy.layer import MOST_LAYERS

# Where Keras says that its own classes are; any other place is that of somebody's own class.
NETWORK_MODULES = ("keras", "keras.models", "keras.src.models.functional", "keras.src.models.sequential",
                   "keras.src.engine.functional", "keras.src.engine.sequential", "tf_keras",
                   "tf_keras.src.engine.functional", "tf_keras.src.engine.sequential")
LAYER_MODULES = ("keras.layers", "tf_keras.layers")
NETWORKS = ("Sequential", "Functional")
# Functions that bear the name of another one in Keras 2.
CHANGED = ("hard_sigmoid", "leaky_relu")
INNER = ("layer", "backward_layer")


@dataclass(frozen=True)
class Described:
    """A network's JSON as Keras 2 would have written it, and the classes of its layers as the file names them.

    Attributes:
        config: with ``class_name`` and ``config``.
        classes: (name, class) of every layer in the file's order, TimeDistributed among them.
    """

    config: dict[str, Any]
    classes: tuple[tuple[str, str], ...]


def described(content: Mapping[str, Any], *, of_keras_2: bool) -> Described:
    """Translate ``content``, the JSON object in ``config.json``.

    Args:
        content: not validated yet.
        of_keras_2: whether tf.keras 2 wrote the file, whose functions and calls need no translation.

    Raises:
        UserError: a class of somebody's own, or a form that Keras does not write; what remains is checked where the
            architecture is read.
    """
    kind, config = content.get("class_name"), content.get("config")
    if kind not in NETWORKS or not isinstance(config, Mapping):
        raise UserError(f"the network must be Sequential or functional; received class_name {kind!r:.80}"
                        + _registered(content))
    if content.get("module") not in NETWORK_MODULES or content.get("registered_name") not in (None, kind):
        raise UserError(f"the network is a class of somebody's own, {content.get('module')!s:.80}."
                        f"{content.get('registered_name') or kind!s:.80}, which is refused: it would need its code")
    layers = config.get("layers")
    if not isinstance(layers, list) or len(layers) > MOST_LAYERS:
        raise UserError(f"the network must have a list of at most {MOST_LAYERS} layers")
    try:
        masks = frozenset[str]() if of_keras_2 else masking_operations(layers)
        entries = [_layer(entry, of_keras_2) for entry in layers if _name(entry) not in masks]
        if not of_keras_2:
            for entry in entries:
                if "inbound_nodes" in entry:
                    entry["inbound_nodes"] = [_call(entry, node, masks) for node in _list(entry, "inbound_nodes")]
    except RecursionError as error:
        raise UserError("the network's description is nested too deeply") from error
    classes = tuple((str(entry["config"].get("name")), entry["class_name"]) for entry in entries)
    return Described({"class_name": kind, "config": {**config, "layers": entries}}, classes)


def _layer(entry: Any, of_keras_2: bool) -> dict[str, Any]:
    """One layer's entry without what only says where its class is, once that is Keras' own."""
    if not isinstance(entry, Mapping) or not isinstance(entry.get("config"), Mapping):
        raise UserError(f"not a layer of a Keras configuration: {entry!r:.80}")
    values, kind = dict(entry["config"]), entry.get("class_name")
    if kind in ("Lambda", *NETWORKS):  # refused by name where layers are known
        return {"class_name": kind, "config": {"name": values.get("name")}}
    if str(entry.get("module")).startswith("keras.src.ops."):
        _refuse(entry, "is an operation of keras.ops; accepted are layers")
    if entry.get("module") not in LAYER_MODULES or entry.get("registered_name") is not None \
            or not isinstance(kind, str):
        _refuse(entry, "is a class of somebody's own, which is refused: it would need its code"
                + (f" ({entry.get('module')!s:.80})" if entry.get("module") else ""))
    for key in INNER:
        if isinstance(values.get(key), Mapping):
            values[key] = _layer(values[key], of_keras_2)
    for key in ("activation", "recurrent_activation"):
        if isinstance(values.get(key), str):
            values[key] = _activation(values[key], of_keras_2)
    if values.get("quantization_config") is None:
        values.pop("quantization_config", None)
    return {"class_name": kind, "config": values,
            **{key: entry[key] for key in ("name", "inbound_nodes") if key in entry}}


def _activation(name: str, of_keras_2: bool) -> str:
    if name.endswith(OF_KERAS_3):
        raise UserError(f"activation {name!r:.80} is not one of Keras")
    return name + OF_KERAS_3 if name in CHANGED and not of_keras_2 else name


def _call(entry: Mapping[str, Any], node: Any, masks: frozenset[str]) -> list[Any]:
    """One call of a layer, ``{"args": …, "kwargs": …}``, as the list of what it reads."""
    arguments = node.get("args") if isinstance(node, Mapping) else None
    settings = node.get("kwargs") if isinstance(node, Mapping) else None
    if not isinstance(arguments, list) or not isinstance(settings, Mapping) or len(arguments) > 1:
        _refuse(entry, f"cannot tell what it reads from {node!r:.80}")
    settings = {key: value for key, value in settings.items() if not (key == "mask" and source_of(value) in masks)}
    tensors = arguments[0] if arguments and isinstance(arguments[0], list) else arguments
    for tensor in tensors:
        if history_of(tensor) is None:
            _refuse(entry, f"reads {tensor!r:.80}; accepted is the output of another layer")
    return [[*(history_of(tensor) or []), settings] for tensor in tensors]


def _name(entry: Any) -> Any:
    name = entry.get("name") if isinstance(entry, Mapping) else None
    return name if isinstance(name, str) else None


def _list(entry: Mapping[str, Any], key: str) -> list[Any]:
    if not isinstance(entry[key], list):
        _refuse(entry, f"its {key} must be a list; received {entry[key]!r:.80}")
    return list(entry[key])


def _refuse(entry: Mapping[str, Any], reason: str) -> NoReturn:
    raise UserError(f"layer {entry['config'].get('name')!s:.80} ({_kind(entry)}): {reason}")


def _kind(entry: Mapping[str, Any]) -> str:
    return f"{entry.get('registered_name') or entry.get('class_name')!s:.80}"


def _registered(content: Mapping[str, Any]) -> str:
    name = content.get("registered_name")
    return f", registered as {name!r:.80}, a class of somebody's own" if name else ""
