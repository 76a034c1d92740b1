"""``lstm.yml``: what an LSTMVis folder says of itself."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from probe.activations.block import LayerSignal
from probe.activations.interchange.names import parted
from probe.activations.signal import SIGNALS
from probe.errors import UserError
from probe.files import iterate_bytes

LARGEST = 1 << 20
# Characters of a whole number; Python itself prints none of some thousands of digits.
LONGEST_NUMBER = 40
# LSTMVis calls c the state and h the output, and draws tanh of all that says nothing else.
SIGNAL_OF_TYPE = {"state": "cell", "output": "hidden", **{signal: signal for signal in SIGNALS}}
GATES = ("input_gate", "forget_gate", "output_gate")
BOUNDED = ("hidden", "candidate", *GATES)


@dataclass(frozen=True)
class States:
    """One array of activations.

    Attributes:
        source: its layer and signal.
        file: the HDF5 file.
        place: where in that file (T, U) lies.
        units: indices of the units, if they are not all of the layer.
    """

    source: LayerSignal
    file: Path
    place: str
    units: Sequence[int] | None


@dataclass(frozen=True)
class Project:
    """A folder of LSTMVis.

    Attributes:
        name: what it is called.
        words: the HDF5 file of ids and where in it (T,) lies.
        dictionary: the file of tokens.
        states: the arrays.
        stand_ins: token → the character that it stands for, if it is told.
        origin: where the activations came from, if it is told.
    """

    name: str
    words: tuple[Path, str]
    dictionary: Path
    states: tuple[States, ...]
    stand_ins: Mapping[str, str] | None
    origin: Any


def config_text(name: str, files: Mapping[str, str], word_path: str, paths: Mapping[str, LayerSignal],
                units: Mapping[LayerSignal, Sequence[int]], stand_ins: Mapping[str, str], origin: Any) -> str:
    """Return the text of ``lstm.yml``.

    What LSTMVis does not know of stands under ``probe``, which it does not read: names of layers, signals, units,
    stand-ins.
    """
    layers = list(dict.fromkeys(layer for layer, _ in paths.values()))
    types = ",\n".join("    " + _flow({
        "type": "output" if signal in ("hidden", "output") else "state", "layer": layers.index(layer) + 1, "path": path,
        "unsigned": signal in GATES, "transform": "none" if signal in BOUNDED else "tanh"})
        for path, (layer, signal) in paths.items())
    told = ",\n".join("    " + _flow({"path": path, "layer": layer, "signal": signal,
                                      **_chosen(units[layer, signal])}) for path, (layer, signal) in paths.items())
    lines = [f"name: {_quoted(name)}", f"description: {_quoted(f'activations of {name}, exported by probe')}", "files:",
             *(f"  {key}: {_quoted(file)}" for key, file in files.items()),
             "word_sequence:", "  file: train", f"  path: {word_path}", "  dict_file: words",
             "states:", "  file: states", "  types: [", types, "  ]",
             "probe:", f"  stand_ins: {_flow(stand_ins)}", "  states: [", told, "  ]",
             f"  origin: {_quoted(json.dumps(origin))}", ""]
    return "\n".join(lines)


def annotations_text(file: str, places: Mapping[str, str], ranges: Mapping[str, tuple[float, float]]) -> str:
    """Return the part of ``lstm.yml`` that names tracks: name → where in ``file``, and the range of its colours."""
    tracks = (f"  {_quoted(name)}: {{file: {file}, path: {place}, vis: {{type: scalar, range: {list(ranges[name])}}}}}"
              for name, place in places.items())
    return "\n".join(["meta:", *tracks, ""])


def read_config(path: Path) -> Project:
    """Read ``lstm.yml``.

    Raises:
        UserError: missing, too large, not YAML, not what LSTMVis reads, or it names a file outside its folder.
    """
    config = _Reader(path, _parsed(path))
    files = {key: _inside(path, key, name) for key, name in config.mapping("files").items()}
    words, states = config.inner("word_sequence"), config.inner("states")
    told = config.inner("probe") if "probe" in config.values else None
    notes = {each.text("path"): each for each in told.items("states")} if told else {}
    default = states.text("file") if "file" in states.values else None
    found = tuple(_states(entry, notes.get(entry.text("path")), files, default) for entry in states.items("types"))
    return Project(
        name=str(config.values.get("name", path.parent.name)), words=(words.file(files), words.text("path").strip("/")),
        dictionary=words.file(files, "dict_file"), states=found,
        stand_ins=_stand_ins(told) if told else None, origin=_origin(told) if told else None)


class _SafeLoader(yaml.SafeLoader):
    """Builds plain values, and none twice: a few lines of references to references would unfold to gigabytes."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        event = self.peek_event()
        if isinstance(event, yaml.AliasEvent) or event.tag:
            raise yaml.YAMLError("references (*name) and tags (!name) are not accepted")
        return super().compose_node(parent, index)

    def compose_scalar_node(self, anchor: Any) -> Any:
        node = super().compose_scalar_node(anchor)
        if node.tag == "tag:yaml.org,2002:int" and len(node.value) > LONGEST_NUMBER:
            raise yaml.YAMLError(f"whole numbers of more than {LONGEST_NUMBER} characters are not accepted")
        return node


def _parsed(path: Path) -> Any:
    raw = next(iterate_bytes(path, LARGEST + 1), b"")
    if len(raw) > LARGEST:
        raise UserError(f"{path}: is larger than {LARGEST:,} bytes, which no lstm.yml is")
    try:
        return yaml.load(raw.decode("utf-8"), _SafeLoader)
    except (yaml.YAMLError, UnicodeDecodeError, ValueError, RecursionError) as error:
        raise UserError(f"{path}: not readable as YAML: {' '.join(str(error).split())[:300]}") from error


@dataclass(frozen=True)
class _Reader:
    """Takes values of the right kind out of a mapping, or says which is wrong."""

    path: Path
    given: Any
    place: str = ""

    @property
    def values(self) -> Mapping[Any, Any]:
        if not isinstance(self.given, dict):
            raise self.wrong("", "a mapping", self.given)
        return self.given

    def inner(self, key: str) -> "_Reader":
        return _Reader(self.path, self.values.get(key), self._at(key))

    def mapping(self, key: str) -> Mapping[str, str]:
        found = self.inner(key).values
        for name, value in found.items():
            if not isinstance(name, str) or not isinstance(value, str):
                raise self.wrong(key, "a mapping of names to text", {name: value})
        return found

    def items(self, key: str) -> list["_Reader"]:
        found = self.values.get(key)
        if not isinstance(found, list) or not found:
            raise self.wrong(key, "a list", found)
        return [_Reader(self.path, entry, f"{self._at(key)}[{number}]") for number, entry in enumerate(found)]

    def text(self, key: str) -> str:
        found = self.values.get(key)
        if not isinstance(found, str):
            raise self.wrong(key, "text", found)
        return found

    def file(self, files: Mapping[str, Path], key: str = "file", default: str | None = None) -> Path:
        name = self.text(key) if default is None or key in self.values else default
        if name not in files:
            raise self.wrong(key, f"one of the names under files ({', '.join(files)})", name)
        return files[name]

    def wrong(self, key: str, needed: str, found: Any) -> UserError:
        place = self._at(key) if key else self.place or "the whole"
        return UserError(f"{self.path}: {place} must be {needed}; received {found!r:.200}")

    def _at(self, key: str) -> str:
        return f"{self.place}.{key}" if self.place else key


def _states(entry: _Reader, note: _Reader | None, files: Mapping[str, Path], default: str | None) -> States:
    kind, layer = entry.values.get("type"), entry.values.get("layer", 1)
    if not isinstance(kind, str) or kind not in SIGNAL_OF_TYPE:
        raise entry.wrong("type", f"one of {', '.join(SIGNAL_OF_TYPE)}", kind)
    if isinstance(layer, bool) or not isinstance(layer, int | str):
        raise entry.wrong("layer", "a number or a name", layer)
    source = parted((str(layer), SIGNAL_OF_TYPE[kind]))
    units = None
    if note is not None:
        source = parted((note.text("layer"), note.text("signal")))
        units = note.values.get("units")
        if units is not None and not (isinstance(units, list) and all(isinstance(index, int) for index in units)):
            raise note.wrong("units", "a list of whole numbers", units)
    return States(source, entry.file(files, default=default), entry.text("path").strip("/"), units)


def _inside(path: Path, key: str, name: str) -> Path:
    """The file that ``name`` means, which must lie in the folder of ``path``."""
    folder = path.parent.resolve()
    try:
        file = (folder / name).resolve()
    except (OSError, ValueError, RuntimeError) as error:
        raise UserError(f"{path}: files.{key} names no file: {error}") from error
    if not file.is_relative_to(folder) or not name.isprintable():
        raise UserError(f"{path}: files.{key} is {name!r:.200}, outside the folder of lstm.yml; its files must lie in "
                        "it")
    return path.parent / file.relative_to(folder)


def _stand_ins(told: _Reader) -> Mapping[str, str]:
    found = told.mapping("stand_ins")
    for token, character in found.items():
        if len(character) != 1:
            raise told.wrong(f"stand_ins.{token}", "one character", character)
    return found


def _origin(told: _Reader) -> Any:
    try:
        return json.loads(told.text("origin"))
    except (ValueError, RecursionError) as error:
        raise UserError(f"{told.path}: probe.origin is not JSON: {error}") from error


def _chosen(units: Sequence[int]) -> dict[str, list[int]]:
    """The indices of units, if they are not all."""
    return {} if tuple(units) == tuple(range(len(units))) else {"units": list(units)}


def _flow(values: Mapping[str, Any]) -> str:
    return "{" + ", ".join(f"{_quoted(key)}: {_value(value)}" for key, value in values.items()) + "}"


def _value(value: Any) -> str:
    return _quoted(value) if isinstance(value, str) else json.dumps(value)


def _quoted(text: str) -> str:
    """``text`` as YAML reads it back, whatever it holds."""
    return '"' + "".join(f"\\{c}" if c in '"\\' else c if c.isascii() and c.isprintable() else f"\\U{ord(c):08X}"
                         for c in text) + '"'
