"""How a translator is tested, and how it is diagnosed."""

from dataclasses import dataclass

from probe.attention.dates.locales import locale_called
from probe.attention.translator.translation import MOST_BEAMS
from probe.options import Options, option


@dataclass(frozen=True)
class DateTestOptions(Options):
    """A test of a translator on days that it was never trained on."""

    texts: int = option(2000, "texts of held-out dates that are translated", minimum=1, maximum=2**20)
    without: int = option(500, "texts that hold no date", minimum=0, maximum=2**20)
    maps: int = option(300, "of the texts, how many have their attention compared with what hiding a character does",
                       minimum=0, maximum=2**20)
    beams: int = option(5, "prefixes that the search keeps; 1 is greedy", minimum=1, maximum=MOST_BEAMS)
    seed: int = option(0, "of the texts and of the resampling", minimum=0)


@dataclass(frozen=True)
class DiagnosisOptions(Options):
    """A diagnosis of what a translator reads."""

    texts: int = option(500, "texts with a weekday", minimum=1, maximum=2**16)
    days: int = option(200, "held-out days, each written in six orders", minimum=1, maximum=2**16)
    locale: str = option("", "whose names of months the six orders have; by default the first that the translator was "
                         "trained on")
    examples: int = option(2, "maps of each order that goes wrong", minimum=0, maximum=10)
    beams: int = option(5, "prefixes that the search keeps; 1 is greedy", minimum=1, maximum=MOST_BEAMS)
    seed: int = option(0, "of the texts and of the resampling", minimum=0)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.locale:
            locale_called(self.locale)
