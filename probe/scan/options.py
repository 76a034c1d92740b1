"""What a scan looks for and how much it keeps."""

from dataclasses import dataclass

from probe.options import Options, option


@dataclass(frozen=True)
class ScanOptions(Options):
    """One scan of every unit against every pattern."""

    patterns: str = option("all", "patterns to scan for: all that suit the text, or names with commas between")
    rank_by: str = option("correlation", "what the units of a pattern are ranked by, on the selection text",
                          choices=("correlation", "auc"))
    top: int = option(5, "units kept as findings for each pattern", minimum=1, maximum=10_000)
    passage: int = option(1500, "characters of a passage kept for the gallery", minimum=50, maximum=100_000)
    passages: int = option(12, "most passages kept", minimum=1, maximum=1000)
