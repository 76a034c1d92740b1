"""What a network looks like, and how it is computed."""

from dataclasses import dataclass
from typing import Any

from probe.options import Options, option

KERNELS = ("auto", "cudnn", "fused", "keras")
PRECISIONS = ("auto", "float32", "bfloat16")


@dataclass(frozen=True)
class ModelOptions(Options):
    """Architecture of a :class:`~probe.model.CharLSTM`."""

    units: int = option(256, "units of each LSTM layer", minimum=1, maximum=16384)
    layers: int = option(1, "number of LSTM layers", minimum=1, maximum=64)
    dropout: float = option(0.0, "share of each layer's outputs dropped in training", minimum=0, below=1)
    input: str = option("one-hot", "how a character enters the first layer: one-hot vector, learned embedding, "
                        "or the article's single number id/V", choices=("one-hot", "embedding", "scalar"))
    embedding: int = option(64, "size of the embedding, with --input embedding", minimum=1, maximum=16384)
    recurrent_activation: str = option("sigmoid", "of the gates; hard_sigmoid, clip(0.2 x + 0.5, 0, 1), is for "
                                       "networks of Keras before 2.3", choices=("sigmoid", "hard_sigmoid"))


def kernel_option(extends: bool = False) -> Any:
    """The option that chooses how the LSTM is computed."""
    return option("auto", "how the LSTM is computed: auto takes cuDNN on a GPU and fused on a CPU", choices=KERNELS,
                  extends=extends)
