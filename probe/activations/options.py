"""How activations are computed."""

from dataclasses import dataclass

from probe.options import option


@dataclass(frozen=True)
class ExtractOptions:
    """One pass of a network over a text."""

    streams: int = option(64, "parallel streams; 1 is the exact reference, more are faster", minimum=1)
    overlap: int = option(500, "characters that a stream reads before its own stretch, to warm up from the zero state",
                          minimum=0)
    block: int = option(512, "characters of each stream in one block", minimum=1)
    kernel: str = option("auto", "how the LSTM is computed: auto takes cuDNN on a GPU and fused on a CPU",
                         choices=("auto", "cudnn", "fused", "keras"))
