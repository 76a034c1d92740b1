"""What can be chosen when a text is read."""

import math
from dataclasses import dataclass

from probe.corpus.decoding import check_encoding
from probe.errors import UserError, quoted
from probe.options import Options, option


@dataclass(frozen=True)
class CorpusOptions(Options):
    """How a text becomes a corpus.

    Raises:
        UserError: a value is of a wrong type, the encoding is unknown, ``min_count`` is negative, or the splits are not
            three shares of one whole.
    """

    encoding: str = option("utf-8", "encoding of the text file")
    collapse_spaces: bool = option(False, "turn each run of spaces into one space")
    min_count: int = option(0, "characters seen fewer times become one unknown character; 0 keeps all", minimum=0)
    splits: str = option("0.8,0.1,0.1", "shares of the text for training, validation and test")

    def __post_init__(self) -> None:
        super().__post_init__()
        check_encoding(self.encoding)
        self.shares  # noqa: B018  raises if they are wrong

    @property
    def shares(self) -> tuple[float, float, float]:
        """The three shares of :attr:`splits`: train, validation, test."""
        try:
            train, validation, test = (float(share) for share in self.splits.split(","))
        except ValueError as error:
            raise UserError("--splits must be three numbers, such as 0.8,0.1,0.1; received "
                            f"{quoted(self.splits)}") from error
        shares = (train, validation, test)
        if not all(share > 0 for share in shares) or not math.isclose(sum(shares), 1, abs_tol=1e-6):
            raise UserError(f"--splits must be three positive shares whose sum is 1; received {quoted(self.splits)}")
        return shares
