"""How closely faithfulness is looked at."""

from dataclasses import dataclass

from probe.options import Options, option

PERTURBATIONS = ("runs", "noise")


@dataclass(frozen=True)
class FaithfulnessOptions(Options):
    """Sizes of the samples; larger is slower and steadier."""

    steps: int = option(20, "steps in which tokens are deleted and inserted; a text of fewer goes token by token",
                        minimum=1, maximum=10_000)
    orders: int = option(10, "random orders of the tokens, beside which a method's order stands", minimum=2,
                         maximum=10_000)
    perturbation: str = option("runs", "what infidelity changes: runs of adjacent tokens, which are replaced by the "
                               "baseline, or all tokens by noise", choices=PERTURBATIONS)
    perturbations: int = option(100, "changes of a text for infidelity", minimum=2, maximum=100_000)
    longest: float = option(0.25, "longest run, as a share of the tokens", above=0, maximum=1)
    noise: float = option(0.25, "standard deviation of the noise, as a share of the way from a token to the baseline",
                          above=0, maximum=100)
    neighbours: int = option(10, "points near the text for sensitivity; 0 leaves it out", minimum=0, maximum=10_000)
    radius: float = option(0.05, "how far a token's vector moves at most, as a share of the mean length of the vectors",
                           above=0, maximum=100)
    randomise: bool = option(True, "whether the explanations are compared with those of networks with random weights")
