"""How activations are computed."""

from dataclasses import dataclass

from probe.activations.choice import chosen_signals, chosen_units
from probe.activations.signal import SIGNALS
from probe.model.options import kernel_option
from probe.options import Options, option


@dataclass(frozen=True)
class ExtractOptions(Options):
    """One pass of a network over a text."""

    signals: str = option("hidden", f"what is recorded of each unit: some of {', '.join(SIGNALS)}, or all")
    layers: str = option("all", "layers, with commas between them; those of a run are 1, 2, …")
    units: str = option("all", "units of each layer, such as 0-63,189")
    characters: int = option(1_000_000, "most characters read of the selection and of the confirmation text each; "
                             "those next to where the two meet", minimum=200)
    windowed: int = option(0, "read for each position the last so many characters anew, from the zero state, as the "
                           "article does; 0 carries the state on", minimum=0, maximum=10_000)
    streams: int = option(64, "parallel streams; 1 is the exact reference, more are faster", minimum=1, maximum=4096)
    overlap: int = option(500, "characters that a stream reads before its own stretch, to warm up from the zero state",
                          minimum=0)
    block: int = option(256, "characters of each stream in one block", minimum=1, maximum=2**20)
    losses: bool = option(True, "also compute what the network expected next")
    precision: str = option("float32", "of the operands of matrix products; bfloat16 is faster where the processor "
                            "multiplies it", choices=("float32", "bfloat16"))
    kernel: str = kernel_option()

    def __post_init__(self) -> None:
        super().__post_init__()
        chosen_signals(self.signals)
        chosen_units(self.units)
