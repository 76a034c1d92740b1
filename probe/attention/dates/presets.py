"""Named choices of dates."""

from dataclasses import dataclass

from probe.attention.dates.options import DateOptions


@dataclass(frozen=True)
class DatePreset:
    """One choice, with a line that says what it is for."""

    meaning: str
    options: DateOptions


_LANGUAGES = ("en_US", "en_GB", "fr_FR", "de_DE", "es_ES", "it_IT", "pt_BR", "nl_NL", "sv_SE", "pl_PL", "cs_CZ",
              "ru_RU", "el_GR", "tr_TR", "fi_FI", "hu_HU", "he_IL", "ar_EG", "ja_JP", "zh_CN")

PRESETS = {
    "english": DatePreset("English as Americans and Britons write it, where no text means two dates", DateOptions()),
    "languages": DatePreset("twenty locales in six scripts in all styles, where 05/11/2016 may mean two dates",
                            DateOptions(locales=",".join(_LANGUAGES), styles="all")),
}
