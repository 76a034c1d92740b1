"""Options of the command that explains, and how texts reach a network that does not know this of itself."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from probe.errors import UserError
from probe.explain.classifier.documents import SIDES
from probe.explain.registry import METHODS
from probe.explain.tokenizers import TOKENIZERS, TableTokenizer, WordTokenizer
from probe.explain.tokenizers.table import CASINGS
from probe.options import Options, option

OUTPUTS = ("logits", "probabilities")
PADS = ("report", "mask")


@dataclass(frozen=True)
class ExplainOptions(Options):
    """What is asked."""

    method: str = option("grad_cam", "how it is found out what speaks for the target and what against it",
                         choices=tuple(METHODS))
    target: str | None = option(None, "label or number of the output that is explained; several with commas between "
                                "them, or 'all'; by default the label that is predicted")
    layer: str | None = option(None, "name or number (from 0, or from -1 backwards) of a layer, for methods that look "
                               "at one; by default the last that the method can use")
    output: str = option("logits", "whether logits or probabilities are explained",
                         choices=OUTPUTS)
    baseline: str = option("zero", "what stands for nothing: vectors of zeros, or the vector of the pad",
                           choices=("zero", "pad"))
    pads: str = option("report", "weight on padding: report its share, or also set it to zero",
                       choices=PADS)
    seed: int = option(0, "of methods that draw", minimum=0)


@dataclass(frozen=True)
class TextOptions(Options):
    """How texts become the ids of a network that came without a tokenizer."""

    vocabulary: str | None = option(None, "file of tokens and their ids: JSON, or a token a line")
    tokens: str = option("words", "what a token is", choices=tuple(TOKENIZERS))
    casing: str = option("lower", "whether tokens are lower-cased before they are looked up", choices=tuple(CASINGS))
    pattern: str = option("words", "of words: 'words', 'words and signs', 'spaces', or a regular expression")
    shift: int = option(0, "added to each id of the vocabulary; 3 for the word index of Keras' film reviews", minimum=0)
    unknown: str | None = option(None, "token or id of what is not in the vocabulary; without it such tokens are left "
                                 "out")
    start: str | None = option(None, "token or id that stands in front of every text")
    pad_value: int | None = option(None, "id that fills short texts up", minimum=0)
    padding: str | None = option(None, "which side of short texts is filled up", choices=SIDES)
    labels: str | None = option(None, "names of the outputs, with commas between them; of a single output its two "
                                "sides, the one near 0 first")

    def tokenizer(self, index: Mapping[str, int]) -> TableTokenizer:
        """Return the tokenizer of a vocabulary, token → id.

        Raises:
            UserError: ``unknown`` or ``start`` is neither in the vocabulary nor an id.
        """
        kind = TOKENIZERS[self.tokens]
        settings = {"pattern": self.pattern} if kind is WordTokenizer else {}
        return kind.from_index(index, shift=self.shift, unknown=self._id(index, "unknown"),
                               start=self._id(index, "start"), pad=self.pad_value or 0, casing=self.casing, **settings)

    @property
    def names(self) -> tuple[str, ...] | None:
        """The labels, or None."""
        return None if self.labels is None else tuple(name.strip() for name in self.labels.split(","))

    def _id(self, index: Mapping[str, int], name: str) -> int | None:
        given: str | None = getattr(self, name)
        if given is None:
            return None
        if given in index:
            return index[given] + self.shift
        if not re.fullmatch("[0-9]{1,9}", given):
            raise UserError(f"--{name} must be a token of the vocabulary or an id; received {given!r:.40}")
        return int(given)
