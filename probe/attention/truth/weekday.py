"""Is the weekday ignored? Changed, taken away and hidden, beside the other fields; and where it decides, is it used?"""

import datetime
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from probe.attention.dates import DateTexts, WrittenDate, readings
from probe.attention.translator.translation import Translation
from probe.attention.truth.estimate import Estimate, Resampling, rate_over
from probe.attention.truth.examining import translated
from probe.attention.truth.options import DiagnosisOptions
from probe.attention.truth.parts import TELLING, parts_of
from probe.attention.truth.spans import (
    FIELDS,
    WEEKDAY,
    attention,
    field_masks,
    hidden,
    log_probabilities,
    without_field,
)

if TYPE_CHECKING:
    from probe.attention.translator.translator import Translator

# Texts drawn, for each that is wanted, before it is said that there are no more.
ATTEMPTS = 60


@dataclass(frozen=True)
class Changed:
    """What a change of texts does to the outputs.

    Attributes:
        change: what was done.
        same: share of outputs that stayed as they were.
        right: share that is right after the change.
        cost: mean nats by which the log-probability of the output that the plain text has falls; below 0 if it rises.
    """

    change: str
    same: Estimate
    right: Estimate
    cost: Estimate


@dataclass(frozen=True)
class FieldRead:
    """How much a field is read.

    Attributes:
        field: its name.
        characters: share of the characters of a text that has it.
        attention: share of the attention, over the digits put out.
        cost: mean nats by which the log-probability of the output falls when the whole field is hidden.
        same: share of outputs that stay the same then.
    """

    field: str
    characters: Estimate
    attention: Estimate
    cost: Estimate
    same: Estimate


@dataclass(frozen=True)
class WeekdayRead:
    """Whether a network ignores the weekday.

    Attributes:
        texts: with a weekday and a month in words.
        right: share translated exactly.
        changes: the weekday replaced by a wrong one, taken away, hidden.
        fields: how much each field is read.
    """

    texts: int
    right: Estimate
    changes: tuple[Changed, ...]
    fields: tuple[FieldRead, ...]

    def to_json(self) -> dict[str, Any]:
        """Return plain values."""
        return asdict(self)


def weekday_read(translator: "Translator", texts: Sequence[WrittenDate], said: Sequence[Translation],
                 options: DiagnosisOptions, show: bool) -> WeekdayRead:
    """Measure what the weekday is to a network.

    Args:
        translator: who is asked.
        texts: with a weekday; as :func:`with_weekday` returns them.
        said: what the translator says to each.
        options: beams and seed.
        show: whether to show progress.
    """
    source = DateTexts(translator.dates)
    masks = [field_masks(text) for text in texts]
    cut = [next((way for way in without_field(text, WEEKDAY) if _means(translator, way, text)), None) for text in texts]
    changed: dict[str, Sequence[str | None]] = {
        "another weekday": _other_weekday(source, texts, options.seed),
        "no weekday": cut,
        "weekday hidden": [hidden(text.text, mask[WEEKDAY], translator.symbols)
                           for text, mask in zip(texts, masks, strict=True)],
    }
    changes = tuple(_changed(translator, name, texts, each, said, options, show) for name, each in changed.items())
    outputs = [each.output for each in said]
    weights = attention(translator, [text.text for text in texts], outputs)
    fields = tuple(_field(translator, name, texts, masks, weights, said, options, show)
                   for name in FIELDS if any(name in mask for mask in masks))
    hits = [output == text.iso for output, text in zip(outputs, texts, strict=True)]
    return WeekdayRead(len(texts), rate_over(hits, [text.iso for text in texts]), changes, fields)


def with_weekday(source: DateTexts, count: int, seed: int) -> list[WrittenDate]:
    """Return at most ``count`` texts of held-out days with a weekday and a month in words; none if no form has both."""
    found: list[WrittenDate] = []
    for step in range(ATTEMPTS):
        drawn = source.draw("test", (seed, step), count)
        found += [text for text in drawn if {WEEKDAY, "month_name"} <= {name for name, *_ in text.fields}]
        if len(found) >= count:
            break
    return found[:count]


def _means(translator: "Translator", text: str, meant: WrittenDate) -> bool:
    """Whether some form that was learnt writes ``text`` and means the same."""
    return any(date == meant.date for date, _ in readings(translator.dates, text))


def _other_weekday(source: DateTexts, texts: Sequence[WrittenDate], seed: int) -> list[str]:
    """Each text with one of the other six weekdays."""
    forms = {(form.locale, form.style, form.case): form for form in source.forms}
    shifts = np.random.default_rng(seed).integers(1, 7, len(texts)).tolist()
    found = []
    for text, shift in zip(texts, shifts, strict=True):
        date = datetime.date.fromisoformat(text.iso)
        parts = (date.year - source.options.first_year, date.month, date.day, (date.weekday() + shift) % 7)
        found.append(forms[text.locale, text.style, text.case].text(parts))
    return found


def _changed(translator: "Translator", name: str, texts: Sequence[WrittenDate], changed: Sequence[str | None],
             said: Sequence[Translation], options: DiagnosisOptions, show: bool) -> Changed:
    places = [place for place, text in enumerate(changed) if text is not None]
    others = [text for text in changed if text is not None]
    after = [each.output for each in translated(translator, others, options.beams, show)]
    same = [output == said[place].output for place, output in zip(places, after, strict=True)]
    right = [output == texts[place].iso for place, output in zip(places, after, strict=True)]
    dates = [texts[place].iso for place in places]
    cost = Resampling(np.array(dates), options.seed).mean(_cost(translator, places, others, said))
    return Changed(name, rate_over(same, dates), rate_over(right, dates), cost)


def _field(translator: "Translator", name: str, texts: Sequence[WrittenDate], masks: Sequence[dict[str, np.ndarray]],
           weights: Sequence[np.ndarray], said: Sequence[Translation], options: DiagnosisOptions, show: bool,
           ) -> FieldRead:
    places = [place for place, mask in enumerate(masks) if name in mask]
    others = [hidden(texts[place].text, masks[place][name], translator.symbols) for place in places]
    after = [each.output for each in translated(translator, others, options.beams, show)]
    same = [output == said[place].output for place, output in zip(places, after, strict=True)]
    dates = [texts[place].iso for place in places]
    resampling = Resampling(np.array(dates), options.seed)
    characters = np.array([masks[place][name].mean() for place in places])
    attended = np.array([_mass(weights[place], said[place].output, masks[place][name]) for place in places])
    return FieldRead(name, resampling.mean(characters), resampling.mean(attended),
                     resampling.mean(_cost(translator, places, others, said)), rate_over(same, dates))


def _cost(translator: "Translator", places: Sequence[int], changed: Sequence[str], said: Sequence[Translation],
          ) -> np.ndarray:
    outputs = [said[place].output for place in places]
    plain = log_probabilities(translator, [said[place].text for place in places], outputs)
    return (plain - log_probabilities(translator, changed, outputs)).sum(axis=1)


def _mass(weights: np.ndarray, output: str, mask: np.ndarray) -> float:
    """Attention (T, S) on the characters of a mask, mean over the digits; NaN if there are none."""
    digits = np.isin(parts_of(output), TELLING)
    return float(weights[digits][:, mask].sum(axis=1).mean()) if digits.any() else float("nan")
