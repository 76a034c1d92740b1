"""The operations with which Keras 3 computes masks: it lists them as if they were layers of the network."""

from collections.abc import Mapping
from typing import Any

OPERATIONS = "keras.src.ops.numpy"


def masking_operations(layers: list[Any]) -> frozenset[str]:
    """Return the names of the operations in a functional network's ``layers`` that an Embedding or Masking brings in.

    An Embedding with ``mask_zero`` compares what it reads with 0, a Masking what it reads with its ``mask_value``, and
    looks for any number that differs. Layers that are rebuilt do so again.
    """
    read = {source for entry in layers if _masks(entry) for source in _sources(entry)}
    found: set[str] = set()
    for entry in layers:
        name = entry.get("name") if isinstance(entry, Mapping) and entry.get("module") == OPERATIONS else None
        if not isinstance(name, str):
            continue
        sources = _sources(entry)
        compared = entry.get("class_name") == "NotEqual" and read.issuperset(sources)
        joined = entry.get("class_name") == "Any" and found.issuperset(sources)
        if sources and (compared or joined):
            found.add(name)
    return frozenset(found)


def history_of(tensor: Any) -> list[Any] | None:
    """Return [layer, node, output] of a tensor as Keras 3 describes it; None if it is none."""
    config = tensor.get("config") if isinstance(tensor, Mapping) else None
    history = config.get("keras_history") if isinstance(config, Mapping) else None
    named = isinstance(history, list) and len(history) == 3 and isinstance(history[0], str)
    return list(history) if named and isinstance(history, list) else None


def source_of(tensor: Any) -> str | None:
    """Return the name of the layer that a tensor comes from, or None."""
    history = history_of(tensor)
    return None if history is None else str(history[0])


def _masks(entry: Any) -> bool:
    config = entry.get("config") if isinstance(entry, Mapping) else None
    return isinstance(config, Mapping) and (entry.get("class_name") == "Masking" or config.get("mask_zero") is True)


def _sources(entry: Mapping[str, Any]) -> list[str]:
    nodes = entry.get("inbound_nodes")
    node = nodes[0] if isinstance(nodes, list) and len(nodes) == 1 else None
    args = node.get("args") if isinstance(node, Mapping) else None
    return [name for each in args if (name := source_of(each)) is not None] if isinstance(args, list) else []
