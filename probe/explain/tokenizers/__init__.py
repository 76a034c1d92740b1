"""From text to tokens and ids, and back to where each token stands in the text."""

from collections.abc import Mapping
from typing import Any

from probe.errors import UserError
from probe.explain.tokenizers.characters import CharacterTokenizer
from probe.explain.tokenizers.encoded import PAD, START, UNKNOWN, Encoded
from probe.explain.tokenizers.function import FunctionTokenizer
from probe.explain.tokenizers.laying import laid_on
from probe.explain.tokenizers.table import TableTokenizer
from probe.explain.tokenizers.tokenizer import Tokenizer
from probe.explain.tokenizers.vectorization import of_vectorization
from probe.explain.tokenizers.words import WordTokenizer

__all__ = ["PAD", "START", "TOKENIZERS", "UNKNOWN", "CharacterTokenizer", "Encoded", "FunctionTokenizer",
           "TableTokenizer", "Tokenizer", "WordTokenizer", "laid_on", "of_vectorization", "tokenizer_from_json"]

# Those that a file can name.
TOKENIZERS: dict[str, type[TableTokenizer]] = {each.kind: each for each in (CharacterTokenizer, WordTokenizer)}


def tokenizer_from_json(value: Any) -> TableTokenizer:
    """Return the tokenizer that its ``to_json`` described.

    Raises:
        UserError: ``value`` is no such description.
    """
    kind = value.get("kind") if isinstance(value, Mapping) else None
    if not isinstance(kind, str) or kind not in TOKENIZERS:
        raise UserError(f"not a tokenizer: its kind must be one of {', '.join(TOKENIZERS)}; received {kind!r:.40}")
    settings = {name: each for name, each in value.items() if name != "kind"}
    try:
        return TOKENIZERS[kind](**settings)
    except TypeError as error:
        raise UserError(f"not a tokenizer of {kind}: {error!s:.80}") from error
