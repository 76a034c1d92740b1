"""What a weights-only file tells of its architecture: enough for a stack that predicts characters."""

import re

import numpy as np

from probe.errors import UserError
from probe.model.legacy.architecture import Architecture, chain
from probe.model.legacy.dense import Dense
from probe.model.legacy.embedding import Embedding
from probe.model.legacy.input_layer import InputLayer
from probe.model.legacy.layer import Layer
from probe.model.legacy.lstm import LSTM, CuDNNLSTM
from probe.model.legacy.source import LegacyFile, RawLayer

# How Keras calls layers that have no weights and do not change what a stack of this kind predicts.
SILENT = re.compile(r"(dropout|spatial_dropout1d|gaussian_dropout|gaussian_noise|input)(_\d+)?"
                    r"|(lstm|cu_dnnlstm|cudnnlstm|embedding|time_distributed)(_\d+)?_input")
# Behind the last Dense it can only be the softmax of a stack that predicts characters.
LAST = re.compile(r"activation(_\d+)?")
WANTED = "give --architecture FILE.json, the text that model.to_json() returns"


def default_recurrent_activation(file: LegacyFile) -> str:
    """Return what an LSTM's recurrent activation was by default in the Keras that wrote ``file``.

    ``"hard_sigmoid"`` before 2.3, and ``"sigmoid"`` since. The tf.keras of TensorFlow 2.0 and 2.1 calls itself
    2.2.4-tf as that of TensorFlow 1.13 to 1.15 does, but its default was ``"sigmoid"`` already.
    """
    return "hard_sigmoid" if file.version < (2, 3, 0) else "sigmoid"


def leaves_open_recurrent_activation(file: LegacyFile) -> bool:
    """Return whether only a person can tell the recurrent activation: an LSTM that cuDNN need not have run."""
    return file.config is None and any(isinstance(_recurrent(layer, "sigmoid"), LSTM) for layer in file.weighted)


def inferred_architecture(file: LegacyFile, recurrent_activation: str) -> Architecture:
    """Return [Embedding →] LSTMs → Dense with softmax, every LSTM returning all steps, from names and shapes alone.

    Args:
        file: weights-only.
        recurrent_activation: of the LSTMs that are not cuDNN's.

    Raises:
        UserError: the file holds anything else.
    """
    found: list[Layer] = []
    last = file.layers[-1] if file.layers else None
    for raw in file.layers:
        if raw.arrays:
            found.append(_embedding(raw) if not found and len(raw.arrays) == 1 else
                         _recurrent(raw, recurrent_activation) or _dense(raw))
        elif not SILENT.fullmatch(raw.name) and not (raw is last and LAST.fullmatch(raw.name)):
            raise UserError(f"layer {raw.name} has no weights, and a weights-only file does not say what it does; "
                            f"{WANTED}")
    kinds = "".join({Embedding: "e", Dense: "d"}.get(type(layer), "l") for layer in found)
    recurrent = kinds.removeprefix("e").removesuffix("d")
    if not recurrent or set(recurrent) != {"l"} or not kinds.endswith("d"):
        shown = ", ".join(f"{layer.name} ({len(layer.arrays)} arrays)" for layer in file.weighted) or "none"
        raise UserError(f"a weights-only file whose layers ({shown:.300}) are not [Embedding,] LSTMs and one Dense; "
                        f"{WANTED}")
    width = file.weighted[0].arrays[0].shape[0]
    return chain([InputLayer("input", (None,) if kinds.startswith("e") else (None, width)), *found])


def _embedding(raw: RawLayer) -> Layer:
    rows, size = raw.arrays[0].shape if raw.arrays[0].ndim == 2 else (0, 0)
    return Embedding(raw.name, rows, size)


def _recurrent(raw: RawLayer, recurrent_activation: str) -> Layer | None:
    """The LSTM whose arrays these are by their shapes, or None."""
    shapes = [array.shape for array in raw.arrays]
    if len(shapes) not in (2, 3, 12) or len(shapes[1]) != 2:
        return None
    units = shapes[1][0]
    lstm = LSTM(raw.name, units, "tanh", recurrent_activation, use_bias=len(shapes) > 2, return_sequences=True)
    cudnn = CuDNNLSTM(raw.name, units, return_sequences=True)
    for layer in (cudnn,) if shapes[-1] == (8 * units,) else (lstm,):
        if _fits(layer, raw.arrays):
            return layer
    return None


def _dense(raw: RawLayer) -> Layer:
    layer = Dense(raw.name, raw.arrays[0].shape[-1] if raw.arrays[0].ndim == 2 else 0, "softmax", len(raw.arrays) > 1)
    if not _fits(layer, raw.arrays):
        shapes = ", ".join(str(array.shape) for array in raw.arrays[:12])
        raise UserError(f"layer {raw.name} with arrays of the shapes {shapes} is neither an LSTM nor a Dense; {WANTED}")
    return layer


def _fits(layer: Layer, arrays: tuple[np.ndarray, ...]) -> bool:
    try:
        layer.check(arrays)
    except UserError:
        return False
    return True
