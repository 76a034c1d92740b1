"""What a translator looks like, and how it is trained."""

from dataclasses import dataclass

from probe.options import Options, option
from probe.train.plan import PlanOptions


@dataclass(frozen=True)
class TranslatorOptions(Options):
    """Architecture of a :class:`~probe.attention.Translator`."""

    units: int = option(128, "units of each direction of the encoder, and of the decoder", minimum=1, maximum=4096)
    embedding: int = option(32, "size of the embedding of a character", minimum=1, maximum=4096)
    attention: int = option(64, "size of the projections that attention compares", minimum=1, maximum=4096)


@dataclass(frozen=True)
class TranslatorTrainOptions(PlanOptions):
    """One training of a translator. It ends when the first of its budgets (steps, minutes) or its patience is used
    up."""

    batch: int = option(128, "dates in one update", minimum=1, maximum=2**16)
    learning_rate: float = option(0.004, "peak learning rate of Adam", above=0, maximum=1000)
    warm_up: int = option(100, "updates over which the learning rate rises from zero", minimum=0)
    hidden: float = option(0.1, "share of training texts of which some characters are hidden, so that the network "
                           "knows what it is to miss one", minimum=0, maximum=1)
    validate_texts: int = option(2000, "texts of held-out dates in one validation, always the same", minimum=1,
                                 maximum=2**20)
