"""Keras' TextVectorization as a tokenizer that knows where its tokens stand."""

from typing import Any

from probe.errors import UserError
from probe.explain.tokenizers.characters import CharacterTokenizer
from probe.explain.tokenizers.table import TableTokenizer
from probe.explain.tokenizers.words import WordTokenizer

# What the layer's standardisation removes.
PUNCTUATION = "!\"#$%&()*+,-./:;<=>?@[\\]^_`{|}~'"


def of_vectorization(layer: Any) -> TableTokenizer:
    """Return a tokenizer that gives the ids of a ``keras.layers.TextVectorization``, without its padding.

    Args:
        layer: adapted or with a vocabulary, ``output_mode="int"``, no n-grams, and standardisation and splitting of
            Keras' own.

    Raises:
        UserError: any of this is otherwise.
    """
    config = layer.get_config()
    standard, split = config["standardize"], config["split"]
    if config["output_mode"] != "int" or config["ngrams"] is not None:
        raise UserError(f"TextVectorization must have output_mode='int' and no n-grams; received "
                        f"{config['output_mode']!r} and ngrams={config['ngrams']!r}")
    if standard not in (None, "lower", "strip_punctuation", "lower_and_strip_punctuation"):
        raise UserError("TextVectorization with a standardisation of one's own cannot tell where its tokens stand; "
                        "give explain a function as the tokenizer")
    if split not in ("whitespace", "character"):
        raise UserError(f"TextVectorization must split by white space or characters; received {split!r:.60}")
    words = layer.get_vocabulary()
    if len(words) < 3:
        raise UserError("TextVectorization has no vocabulary yet; adapt it first")
    ids = {str(word): number for number, word in enumerate(words) if number > 1}
    casing = "ascii" if standard and "lower" in standard else "kept"
    drop = PUNCTUATION if standard and "punctuation" in standard else ""
    if split == "whitespace":
        return WordTokenizer(ids, casing=casing, pattern="spaces", drop=drop)
    if drop:
        return WordTokenizer(ids, casing=casing, pattern="(?s:.)", drop=drop)
    return CharacterTokenizer(ids, casing=casing)
