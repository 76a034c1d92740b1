"""The weights of a network by names that are the same in every process."""

from typing import TYPE_CHECKING

import numpy as np

from probe.errors import UserError

if TYPE_CHECKING:
    from probe.model.checkpoint import Checkpoint
    from probe.model.engine import keras


def weight_names(model: "keras.Model") -> list[str]:
    """Return a stable name for each of ``model.weights``, in their order, for example ``"lstm_1/kernel"``."""
    return [weight.path.removeprefix(f"{model.name}/").replace("lstm_cell/", "") for weight in model.weights]


def load_weights(model: "keras.Model", checkpoint: "Checkpoint") -> None:
    """Set the weights of ``model`` from ``checkpoint``.

    Raises:
        UserError: a weight is missing, unknown, of another shape, or not of finite floats.
    """
    names = weight_names(model)
    if set(names) != set(checkpoint.weights):
        raise UserError(f"checkpoint of step {checkpoint.step}: holds the weights {sorted(checkpoint.weights)}, "
                        f"and this network has {sorted(names)}")
    for name, weight in zip(names, model.weights, strict=True):
        array = checkpoint.weights[name]
        if array.shape != tuple(weight.shape):
            raise UserError(f"checkpoint of step {checkpoint.step}: {name} has shape {array.shape}, "
                            f"and this network needs {tuple(weight.shape)}")
        if array.dtype.kind != "f" or not np.isfinite(array).all():
            raise UserError(f"checkpoint of step {checkpoint.step}: {name} must hold finite numbers; received "
                            f"{array.dtype}")
        weight.assign(array)
