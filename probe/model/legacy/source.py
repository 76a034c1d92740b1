"""A Keras 2 file as it lies on disk: raw arrays by layer, versions, and the architecture's JSON if it has one."""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from probe.errors import UserError
from probe.files import sha256_of
from probe.files.hdf5 import Hdf5File
from probe.model.legacy.layer import MOST_LAYERS

LARGEST_JSON = 1 << 26
# A group that late versions of tf.keras write beside those of layers, empty but for subclassed networks.
TOP = "top_level_model_weights"


@dataclass(frozen=True, eq=False)
class RawLayer:
    """One group of the file.

    Attributes:
        name: of the layer.
        weight_names: as the file names its arrays, for example ``"lstm_1/kernel:0"``.
        arrays: in the same order, in the file's shapes and dtypes.
    """

    name: str
    weight_names: tuple[str, ...]
    arrays: tuple[np.ndarray, ...]


@dataclass(frozen=True, eq=False)
class LegacyFile:
    """What a Keras 2 file holds.

    Attributes:
        path: where it was read.
        sha256: of its bytes.
        keras_version: as written, for example ``"2.2.4"`` or ``"2.2.4-tf"``; empty if the file does not say.
        backend: for example ``"tensorflow"``; empty if the file does not say.
        config: the architecture's JSON of a whole-model file, not validated; None for a weights-only file.
        layers: in the file's order, those without weights too.
    """

    path: Path
    sha256: str
    keras_version: str
    backend: str
    config: dict[str, Any] | None
    layers: tuple[RawLayer, ...]

    @classmethod
    def read(cls, path: Path) -> "LegacyFile":
        """Read the file at ``path``.

        Raises:
            UserError: missing, not HDF5, damaged, not written by Keras 2, or anything that
                :class:`~probe.files.hdf5.Hdf5File` refuses.
        """
        with Hdf5File(path) as file:
            root = "model_weights" if "model_weights" in file else ""
            names = file.names(root, "layer_names")
            if names is None:
                raise UserError(f"{path}: {_stranger(file)}")
            if len(names) > MOST_LAYERS or len(set(names)) < len(names):
                raise UserError(f"{path}: " + ("names a layer twice" if len(names) <= MOST_LAYERS else
                                f"has {len(names):,} layers; at most {MOST_LAYERS} are accepted"))
            version, backend = _said(file, root, "keras_version"), _said(file, root, "backend")
            if version_numbers(version) >= (3, 0, 0):
                raise UserError(f"{path}: written by Keras {version}, which opens it itself, by "
                                "keras.models.load_model; files of Keras 1 and 2 are accepted")
            layers = tuple(_raw_layer(file, root, name) for name in names)
            above = f"{root}/{TOP}" if root else TOP
            if above in file and file.names(above, "weight_names"):
                raise UserError(f"{path}: {above}: the network has weights of its own outside its layers, as a class "
                                "of somebody's own has; accepted are Sequential and functional networks")
            config = _config(path, file.text("", "model_config"))
        return cls(path, sha256_of(path), version, backend, config, layers)

    @property
    def weighted(self) -> tuple[RawLayer, ...]:
        """The layers that have weights."""
        return tuple(layer for layer in self.layers if layer.arrays)

    @property
    def version(self) -> tuple[int, int, int]:
        """The version of Keras as numbers; (1, 0, 0) if the file does not say, as before Keras 1.1.1."""
        return version_numbers(self.keras_version)

    @property
    def by_tensorflow(self) -> bool:
        """Whether tf.keras wrote the file, rather than Keras of its own, whose last version was 2.3.1."""
        return "-tf" in self.keras_version or self.version >= (2, 4, 0)

    @property
    def zeroes_masked_steps(self) -> bool:
        """Whether the Keras that wrote the file puts zeros at masked steps inside Bidirectional.

        tf.keras does since its 2.2.4; before, and in Keras of its own, the last output is repeated there.
        """
        return self.by_tensorflow and self.version >= (2, 2, 4)


def version_numbers(version: str) -> tuple[int, int, int]:
    """Return a version of Keras as numbers, without what follows them; (1, 0, 0) if it has none."""
    match = re.match(r"(\d{1,4})\.(\d{1,4})(?:\.(\d{1,4}))?", version)
    return (int(match[1]), int(match[2]), int(match[3] or 0)) if match else (1, 0, 0)


def parsed_json(place: str, text: str) -> dict[str, Any]:
    """Return the JSON object in ``text``.

    Raises:
        UserError: it is not JSON, not an object, or too long; the message begins with ``place``.
    """
    if len(text) > LARGEST_JSON:
        raise UserError(f"{place}: has {len(text):,} characters; at most {LARGEST_JSON:,} are accepted")
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UserError(f"{place}: not valid JSON: {error}") from error
    if not isinstance(value, dict):
        raise UserError(f"{place}: must be a JSON object; received {type(value).__name__}")
    return value


def _config(path: Path, text: str | None) -> dict[str, Any] | None:
    return None if text is None else parsed_json(f"{path}: model_config", text)


def _said(file: Hdf5File, root: str, name: str) -> str:
    """What the file says of the Keras that wrote it, which is printed."""
    value = file.text("", name) or file.text(root, name) or ""
    if len(value) > 40 or not value.isprintable():
        raise UserError(f"{file.path}: its {name} {value!r:.80} is not a short printable word")
    return value


def _raw_layer(file: Hdf5File, root: str, name: str) -> RawLayer:
    if not name.isprintable():
        raise UserError(f"{file.path}: the name of its layer {name!r:.80} is not printable")
    place = f"{root}/{name}" if root else name
    weight_names = file.names(place, "weight_names")
    if weight_names is None:
        raise UserError(f"{file.path}: {place}: has no weight_names, as Keras 2 writes them")
    if len(set(weight_names)) < len(weight_names):
        raise UserError(f"{file.path}: {place}: names an array twice")
    return RawLayer(name, tuple(weight_names), tuple(file.array(f"{place}/{each}") for each in weight_names))


def _stranger(file: Hdf5File) -> str:
    """What a file without layer names is, as far as can be told."""
    if "layers" in file or "_layer_checkpoint_dependencies" in file:
        return ("written by Keras 3 (.weights.h5), which names no layers; Keras 2 files are accepted, weights-only or "
                "whole-model")
    return "not a Keras 2 file: it has no layer_names"
