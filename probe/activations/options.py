"""How activations are computed."""

from dataclasses import dataclass

from probe.model.options import kernel_option
from probe.options import Options, option


@dataclass(frozen=True)
class ExtractOptions(Options):
    """One pass of a network over a text."""

    characters: int = option(1_000_000, "most characters read of the selection and of the confirmation text each; "
                             "those next to where the two meet", minimum=200)
    streams: int = option(64, "parallel streams; 1 is the exact reference, more are faster", minimum=1, maximum=4096)
    overlap: int = option(500, "characters that a stream reads before its own stretch, to warm up from the zero state",
                          minimum=0)
    block: int = option(256, "characters of each stream in one block", minimum=1, maximum=2**20)
    kernel: str = kernel_option()
