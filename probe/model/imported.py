"""A network that was imported from an old Keras file, in a folder of our own."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from probe.errors import UserError
from probe.files import (
    read_bundle,
    read_folder,
    read_manifest,
    restore_folder,
    whole_folder,
    write_bundle,
    write_manifest,
)
from probe.model.legacy.architecture import Architecture

if TYPE_CHECKING:
    from probe.model.engine import keras

KIND, VERSION = "network", 1
MANIFEST, WEIGHTS = "network.json", "weights.safetensors"


@dataclass(frozen=True, eq=False)
class ImportedNetwork:
    """Layers, weights and origin of a network that is no character model.

    Attributes:
        architecture: in layers that Keras 3 has.
        weights: ``"layer/weight"`` → float32 array, for each layer in the order in which Keras keeps them.
        origin: JSON values: file, sha256, version of Keras, what was re-laid, the parity check.
    """

    architecture: Architecture
    weights: Mapping[str, np.ndarray]
    origin: Mapping[str, Any]

    @classmethod
    def open(cls, folder: str | Path) -> "ImportedNetwork":
        """Open what :meth:`save` wrote; its architecture is validated as that of a stranger's file is.

        Raises:
            UserError: missing, damaged, or of another format version.
        """
        return read_folder(Path(folder), cls._of)

    @classmethod
    def _of(cls, folder: Path) -> "ImportedNetwork":
        if not (folder / MANIFEST).exists():
            raise UserError(f"{folder}: not an imported network: it has no {MANIFEST}; 'probe import FILE.h5 --out "
                            f"{folder}' makes one")
        content = read_manifest(folder / MANIFEST, KIND, VERSION)
        try:
            described, names = content["architecture"], list(content["weights"])
            arrays, origin = read_bundle(folder / WEIGHTS, content["sha256"]), dict(content["origin"])
            network = cls(_read(folder / MANIFEST, described, names, arrays), {name: arrays[name] for name in names},
                          origin)
        except (KeyError, TypeError, ValueError) as error:
            raise UserError(f"{folder / MANIFEST}: not the description of a network: {error!r}") from error
        return network

    def save(self, folder: str | Path) -> None:
        """Write the network to ``folder``, whole or not at all; an imported network that was there is replaced.

        Raises:
            UserError: ``folder`` holds something else, or cannot be written.
        """
        folder = Path(folder)
        restore_folder(folder)
        _check_replaceable(folder)
        with whole_folder(folder) as aside:
            sha256 = write_bundle(aside / WEIGHTS, self.weights)
            write_manifest(aside / MANIFEST, KIND, VERSION, {
                "architecture": self.architecture.to_json(), "weights": list(self.weights), "sha256": sha256,
                "origin": dict(self.origin)})
            _check_replaceable(folder)

    def model(self) -> "keras.Model":
        """Return the network as a functional Keras model with its weights, layers under their own names."""
        from probe.model.legacy.rebuild import keras_model

        try:
            return keras_model(self.architecture, self.weights)
        except UserError as error:
            raise UserError(f"the network from {self.origin.get('file', 'an unnamed file')}: {error}") from error


def _read(path: Path, described: Any, names: list[str], arrays: Mapping[str, np.ndarray]) -> Architecture:
    """The architecture in the manifest at ``path``, held against the arrays that go with it."""
    try:
        architecture = Architecture.of(described, zeroes_masked_steps=False)
        needed = [(layer, f"{layer.name}/{name}") for layer in architecture.layers for name in layer.weight_names]
        if names != [name for _, name in needed]:
            raise UserError(f"names the weights {names!r:.200}, where its layers need other ones")
        for layer in architecture.layers:
            own = [arrays[name] for of, name in needed if of is layer]
            layer.check(own)
            if layer.relaid(own)[0] != layer:
                raise layer.refusal("is of a class that Keras 3 does not have")
    except UserError as error:
        raise UserError(f"{path}: {error}") from error
    return architecture


def _check_replaceable(folder: Path) -> None:
    """Refuse to replace a folder that holds anything but what :meth:`ImportedNetwork.save` wrote."""
    found = sorted(entry.name for entry in folder.iterdir()) if folder.is_dir() else []
    if not found:
        return
    if MANIFEST not in found:
        raise UserError(f"{folder}: is not empty and holds no imported network; name a new folder")
    strange = next((name for name in found if name not in (MANIFEST, WEIGHTS)), None)
    if strange is not None:
        raise UserError(f"{folder}: holds {strange} beside an imported network; name a new folder")
    read_manifest(folder / MANIFEST, KIND, VERSION)
