"""What every tokenizer offers."""

from typing import Protocol, runtime_checkable

from probe.explain.tokenizers.encoded import Encoded


@runtime_checkable
class Tokenizer(Protocol):
    """Cuts texts into tokens that have ids."""

    def encode(self, text: str) -> Encoded:
        """Return the tokens of ``text`` (N characters); their spans are in the text as it is given.

        Raises:
            UserError: the text holds no token.
        """

    def token_of(self, id: int) -> str:
        """Return what to show for an id, whether it is known or not."""
