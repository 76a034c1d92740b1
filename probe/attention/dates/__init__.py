"""Dates as people write them, endless and reproducible, and how well anybody could read them."""

from probe.attention.dates.casing import CASES
from probe.attention.dates.ceiling import Ceiling, ceiling
from probe.attention.dates.form import Form, forms_of
from probe.attention.dates.options import DateOptions
from probe.attention.dates.presets import PRESETS, DatePreset
from probe.attention.dates.reading import readings
from probe.attention.dates.registry import STYLES
from probe.attention.dates.style import Style
from probe.attention.dates.texts import DateTexts
from probe.attention.dates.written import WrittenDate

__all__ = ["CASES", "PRESETS", "STYLES", "Ceiling", "DateOptions", "DatePreset", "DateTexts", "Form", "Style",
           "WrittenDate", "ceiling", "forms_of", "readings"]
