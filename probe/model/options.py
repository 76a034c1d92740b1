"""What a network looks like."""

from dataclasses import dataclass

from probe.options import option


@dataclass(frozen=True)
class ModelOptions:
    """Architecture of a :class:`~probe.model.CharLSTM`."""

    units: int = option(256, "units of each LSTM layer", minimum=1)
    layers: int = option(1, "number of LSTM layers", minimum=1)
    dropout: float = option(0.0, "share of each layer's outputs dropped in training", minimum=0, below=1)
    input: str = option("one-hot", "how a character enters the first layer: one-hot vector, learned embedding, "
                        "or the article's single number id/V", choices=("one-hot", "embedding", "scalar"))
    embedding: int = option(64, "size of the embedding, with --input embedding", minimum=1)


KERNELS = ("auto", "cudnn", "fused", "keras")
