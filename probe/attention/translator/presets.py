"""Named recipes: dates, a network and a training that belong together."""

from dataclasses import dataclass

from probe.attention.dates import PRESETS, DateOptions
from probe.attention.translator.options import TranslatorOptions, TranslatorTrainOptions


@dataclass(frozen=True)
class Recipe:
    """One recipe, with a line that says what it is for."""

    meaning: str
    dates: DateOptions
    model: TranslatorOptions
    training: TranslatorTrainOptions


RECIPES = {
    "english": Recipe(f"{PRESETS['english'].meaning}: five minutes on a laptop", PRESETS["english"].options,
                      TranslatorOptions(), TranslatorTrainOptions(minutes=5)),
    "languages": Recipe(f"{PRESETS['languages'].meaning}: twenty minutes on a laptop; the translator that comes with "
                        "probe", PRESETS["languages"].options, TranslatorOptions(), TranslatorTrainOptions(minutes=20)),
}
"""All recipes by name."""
