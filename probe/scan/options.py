"""What a scan looks for, how it is tested, and how much is kept."""

from dataclasses import dataclass

from probe.errors import UserError
from probe.options import Options, option


@dataclass(frozen=True)
class ScanOptions(Options):
    """One scan of every unit against every pattern."""

    patterns: str = option("all", "patterns to scan for: all that suit the text, or names and expressions with commas "
                           "between")
    rank_by: str = option("correlation", "what the units of a pattern are ranked by, on the selection text",
                          choices=("correlation", "auc"))
    top: int = option(5, "units kept as findings for each pattern", minimum=1, maximum=50)
    settle: bool = option(False, "end as soon as the best --top units of every pattern are known, ties within 0.02 of "
                          "r aside: this ranks, and tests nothing")
    rolls: int = option(1024, "most rolls of the labels that make the null; 0 tests nothing against chance", minimum=0,
                        maximum=1024)
    twins: int = option(19, "untrained networks that a finding must exceed to be called learned; 0 for none", minimum=0,
                        maximum=1000)
    twin_characters: int = option(50_000, "most characters of the confirmation text on which they are compared",
                                  minimum=1000, maximum=60_000)
    passage: int = option(1500, "characters of a passage kept for the gallery", minimum=50, maximum=100_000)
    passages: int = option(12, "most passages kept", minimum=1, maximum=1000)
    portraits: int = option(50_000, "most characters of the confirmation text, which are read again for portraits of "
                            "the units found and for what the network expects in the passages; 0 for neither",
                            minimum=0, maximum=60_000)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.settle and self.rank_by != "correlation":
            raise UserError(f"--settle ranks by correlation; received --rank-by {self.rank_by}")
