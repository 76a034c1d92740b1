"""Attention that can be looked at: maps of any Keras model, and a translator of dates.

TensorFlow is imported when a name that needs it is first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from probe.attention.dates import DateOptions, DateTexts, ceiling
from probe.attention.maps.attention_map import AttentionMap
from probe.attention.maps.several_maps import AttentionMaps
from probe.attention.translator.options import TranslatorOptions, TranslatorTrainOptions
from probe.attention.translator.presets import RECIPES, Recipe
from probe.attention.translator.translation import Translation
from probe.attention.truth.options import DateTestOptions, DiagnosisOptions

if TYPE_CHECKING:
    from probe.attention.translator.run import TranslatorRun
    from probe.attention.translator.task import train_translator
    from probe.attention.translator.translator import Translator
    from probe.attention.truth.date_map import date_map, date_maps
    from probe.attention.truth.diagnosis import diagnose
    from probe.attention.truth.examining import examine
    from probe.attention.truth.hiding import hidden_effects

__all__ = [
    "RECIPES",
    "AttentionMap",
    "AttentionMaps",
    "DateOptions",
    "DateTestOptions",
    "DateTexts",
    "DiagnosisOptions",
    "Recipe",
    "Translation",
    "Translator",
    "TranslatorOptions",
    "TranslatorRun",
    "TranslatorTrainOptions",
    "ceiling",
    "date_map",
    "date_maps",
    "diagnose",
    "examine",
    "hidden_effects",
    "train_translator",
]

_MODULES = {"TranslatorRun": "translator.run", "train_translator": "translator.task",
            "Translator": "translator.translator", "date_map": "truth.date_map", "date_maps": "truth.date_map",
            "diagnose": "truth.diagnosis", "hidden_effects": "truth.hiding", "examine": "truth.examining"}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
