"""A network that was imported from an old Keras file, in a folder of our own."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from probe.errors import UserError
from probe.files import read_bundle, read_manifest, restore_folder, whole_folder, write_bundle, write_manifest
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
        folder = Path(folder)
        restore_folder(folder)
        if not (folder / MANIFEST).exists():
            raise UserError(f"{folder}: not an imported network: it has no {MANIFEST}; 'probe import FILE.h5 --out "
                            f"{folder}' makes one")
        content = read_manifest(folder / MANIFEST, KIND, VERSION)
        try:
            architecture = Architecture.of(content["architecture"], by_tensorflow=False)
            arrays = read_bundle(folder / WEIGHTS, content["sha256"])
            network = cls(architecture, {name: arrays[name] for name in content["weights"]}, content["origin"])
        except (KeyError, TypeError) as error:
            raise UserError(f"{folder / MANIFEST}: not the description of a network: {error!r}") from error
        for layer in architecture.layers:
            layer.check(network.weights_of(layer.name))
        return network

    def save(self, folder: str | Path) -> None:
        """Write the network to ``folder``, whole or not at all; an imported network that was there is replaced.

        Raises:
            UserError: ``folder`` holds something else, or cannot be written.
        """
        folder = Path(folder)
        restore_folder(folder)
        if folder.is_dir() and any(folder.iterdir()) and not (folder / MANIFEST).exists():
            raise UserError(f"{folder}: is not empty and holds no imported network; name a new folder")
        with whole_folder(folder) as aside:
            sha256 = write_bundle(aside / WEIGHTS, self.weights)
            write_manifest(aside / MANIFEST, KIND, VERSION, {
                "architecture": self.architecture.to_json(), "weights": list(self.weights), "sha256": sha256,
                "origin": dict(self.origin)})

    def weights_of(self, layer: str) -> list[np.ndarray]:
        """Return the weights of one layer, in Keras' order."""
        return [array for path, array in self.weights.items() if path.rpartition("/")[0] == layer]

    def model(self) -> "keras.Model":
        """Return the network as a functional Keras model with its weights, layers under their own names."""
        from probe.model.legacy.rebuild import keras_model

        return keras_model(self.architecture, self.weights)
