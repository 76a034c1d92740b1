"""Maps of what a translator attends to and of what counts, side by side."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from probe.attention.maps.attention_map import AttentionMap
from probe.attention.maps.several_maps import AttentionMaps
from probe.attention.translator.translation import Translation, chance, listed
from probe.attention.truth.agreement import COUNTS, rank_agreement, top_agreement
from probe.attention.truth.hiding import Looked, look
from probe.attention.truth.parts import TELLING, parts_of
from probe.errors import UserError

if TYPE_CHECKING:
    from probe.attention.translator.translator import Translator

# What stands for the end of an output.
END_SIGN = "end"


def date_map(translator: "Translator", text: str, beams: int = 5) -> AttentionMap:
    """Return what a translator attended to when it wrote its best output, and what hiding each character does to that.

    Args:
        translator: who is asked.
        text: a date as people write it; at least one character.
        beams: prefixes that the search keeps.

    Raises:
        UserError: the text is empty, or too long to be a date.
    """
    return date_maps(translator, [text], beams)[0]


def date_maps(translator: "Translator", texts: Sequence[str], beams: int = 5) -> AttentionMaps:
    """Return the map of each text.

    Args:
        translator, beams: as for :func:`date_map`.
        texts: dates as people write them.

    Raises:
        UserError: there is no text, or one is empty or too long.
    """
    texts = listed(texts)
    if not all(texts):
        raise UserError("a map needs at least one character to attend to; received an empty text")
    translations = translator.translate(texts, beams)
    looked = look(translator, texts, [each.output for each in translations])
    return AttentionMaps(_map(said, each, _known(translator, said.text))
                         for said, each in zip(translations, looked, strict=True))


def given_maps(translator: "Translator", texts: Sequence[str], outputs: Sequence[str], headings: Sequence[str],
               ) -> AttentionMaps:
    """Return maps of what a translator attends to when outputs are given to it, whether it would write them or not.

    Args:
        translator: who is asked.
        texts: of at least one character each.
        outputs: one of each text.
        headings: what stands above each map.
    """
    looked = look(translator, texts, outputs)
    return AttentionMaps(
        AttentionMap(tuple(text), (*output, END_SIGN), each.weights[np.newaxis],
                     np.maximum(np.exp(each.log_probabilities), np.finfo(np.float64).tiny), each.effects, heading,
                     tuple(filter(None, [agreement_in_words(output, each, _known(translator, text))])))
        for text, output, heading, each in zip(texts, outputs, headings, looked, strict=True))


def agreement_in_words(output: str, looked: Looked, known: np.ndarray) -> str:
    """Return how far attention and what hiding does agree over the digits of one output; empty if nobody can say.

    Args:
        output: with the digits.
        looked: what was attended to, and what hiding does.
        known: (S,) bool, the characters that the network knows; the others are hidden always.
    """
    digits = np.isin(parts_of(output), TELLING)
    weights, effects = looked.weights[digits][:, known], looked.effects[digits][:, known]
    if not weights.size:
        return ""
    rank, top = rank_agreement(weights, effects), top_agreement(weights, effects)
    if np.isnan(rank).all():
        return ""
    hanging = effects.min(axis=1) <= -COUNTS
    mean = f"mean rank correlation of attention and effect over all digits {np.nanmean(rank):.2f}".replace("-", "−")
    if not hanging.any():
        return f"no digit hangs on a single character: hiding any one costs less than {COUNTS} nats; {mean}"
    return (f"{hanging.sum()} of {len(rank)} digits hang on a single character, hiding which costs at least {COUNTS} "
            f"nats; the most costly has the most attention in {top[hanging].sum():.0f} of these; {mean}")


def _known(translator: "Translator", text: str) -> np.ndarray:
    """(S,) bool, the characters of a text that a translator knows."""
    return np.array([not translator.symbols.unknown(character) for character in text])


def _map(translation: Translation, looked: Looked, known: np.ndarray) -> AttentionMap:
    remarks = (*translation.remarks, translation.rivals, agreement_in_words(translation.output, looked, known))
    return AttentionMap(
        source=tuple(translation.text), target=(*translation.output, END_SIGN), weights=looked.weights[np.newaxis],
        probabilities=np.exp(looked.log_probabilities), effects=looked.effects,
        heading=f"{translation.answer}, probability {chance(translation.probability)}",
        remarks=tuple(filter(None, remarks)))
