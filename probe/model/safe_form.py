"""A live Keras model in the form in which networks are kept: validated layers and their weights, and no code."""

import tempfile
from dataclasses import asdict
from pathlib import Path

from probe.errors import UserError
from probe.model.engine import keras
from probe.model.imported import ImportedNetwork
from probe.model.keras_file import read_keras_file
from probe.model.legacy import network_parity


def safe_form(model: keras.Model) -> ImportedNetwork:
    """Return the network of ``model``, held against the model by a float64 pass over its weights.

    Args:
        model: Sequential or functional, built.

    Raises:
        UserError: a layer that could not be opened again without running code, or that is not known, by its name.
    """
    if not isinstance(model, keras.Model) or not model.built:
        raise UserError(f"only a Keras model that is built can be kept; received {model!r:.80}")
    with tempfile.TemporaryDirectory(prefix="probe-model-") as folder:
        path = Path(folder) / "model.keras"
        model.save(path)
        try:
            network = read_keras_file(path)
            modern, weights = network.relaid()
            parity = network_parity(network, modern, weights)
        except UserError as error:
            raise UserError(f"model {model.name} cannot be kept: {str(error).removeprefix(f'{path}: ')}") from error
    origin = {"file": None, "name": model.name, "keras_version": keras.__version__, "parity": asdict(parity)}
    return ImportedNetwork(modern, weights, origin)
