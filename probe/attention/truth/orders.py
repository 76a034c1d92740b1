"""Day, month and year in all six orders, those that were never trained among them: how it goes, and what is read."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from itertools import permutations
from typing import TYPE_CHECKING, Any

import numpy as np
from babel import Locale

from probe.attention.dates import DateTexts, WrittenDate
from probe.attention.dates.days import days_of
from probe.attention.dates.locales import locale_called
from probe.attention.dates.piece import piece_of
from probe.attention.translator.translation import Translation
from probe.attention.truth.estimate import Estimate, Resampling, rate
from probe.attention.truth.examining import translated
from probe.attention.truth.options import DiagnosisOptions
from probe.attention.truth.parts import TELLING, parts_of
from probe.attention.truth.spans import SOURCES, attention, field_masks, log_probabilities
from probe.errors import UserError

if TYPE_CHECKING:
    from probe.attention.translator.translator import Translator

ORDERS = tuple(permutations(("day", "month_name", "year")))
HERE, ELSEWHERE, NEVER = "trained", "in other languages", "never trained"


@dataclass(frozen=True)
class OrderRead:
    """What a network makes of one order of day, month in words, and year.

    Attributes:
        order: names of the fields.
        trained: whether forms of this language, of other languages alone, or none have it.
        example: one text.
        exact: share translated exactly.
        refused: share to which it gives no day.
        probability: mean probability of the best output.
        meant: mean probability of the true date.
        begun: the same once its first character is given: whether it can be read, if the network is made to try.
        aimed: share of attention on the field that a digit comes from, over the digits of the outputs.
        aimed_meant: the same while the true date is given to the network, right or wrong.
        wrong_parts: of the wrong outputs that are days, the share whose year, month or day is wrong.
        failures: texts that go wrong and what is put out, the most confident first.
    """

    order: tuple[str, ...]
    trained: str
    example: str
    exact: Estimate
    refused: Estimate
    probability: float
    meant: float
    begun: float
    aimed: Estimate
    aimed_meant: Estimate
    wrong_parts: dict[str, float]
    failures: tuple[tuple[WrittenDate, Translation], ...] = field(repr=False)

    @property
    def name(self) -> str:
        """The order in words: ``day month year``."""
        return " ".join(self.order).replace("month_name", "month")

    def to_json(self) -> dict[str, Any]:
        """Return plain values."""
        plain = {name: value for name, value in vars(self).items() if name != "failures"}
        return {**plain, **{name: asdict(value) for name, value in plain.items() if isinstance(value, Estimate)},
                "order": list(self.order),
                "failures": [{"text": text.text, "wanted": text.iso, "output": said.output,
                              "probability": said.probability} for text, said in self.failures]}


@dataclass(frozen=True)
class OrdersRead:
    """What a network makes of all six orders, and whether its maps show when it goes wrong.

    Attributes:
        orders: one by one.
        aimed_right, aimed_wrong: share of attention on the field that a digit comes from while the true date is given
            to the network: texts that it translates right, and those that it does not.
        told_apart: chance that of one of either kind the right one has more of it; a half says that maps do not show
            it. None if all are right or all are wrong.
        told_apart_within: the same of two texts in the same order; None if no order has both kinds.
    """

    orders: tuple[OrderRead, ...]
    aimed_right: Estimate
    aimed_wrong: Estimate
    told_apart: float | None
    told_apart_within: float | None

    def to_json(self) -> dict[str, Any]:
        """Return plain values."""
        return {"orders": [each.to_json() for each in self.orders], "aimed_right": asdict(self.aimed_right),
                "aimed_wrong": asdict(self.aimed_wrong), "told_apart": self.told_apart,
                "told_apart_within": self.told_apart_within}


def orders_read(translator: "Translator", options: DiagnosisOptions, show: bool) -> OrdersRead:
    """Measure how a network reads days that it was never trained on, in six orders.

    Args:
        translator: who is asked.
        options: how many days, in which language.
        show: whether to show progress.
    """
    source = DateTexts(translator.dates)
    locale = locale_called(options.locale or translator.dates.locale_names()[0])
    test = days_of(translator.dates).of_split["test"]
    if not len(test):
        raise UserError(f"the years {translator.dates.first_year} to {translator.dates.last_year} have no day for test")
    chosen = np.sort(np.random.default_rng(options.seed).permutation(test)[:options.days]).tolist()
    rows, aims, right = [], [], []
    for order in ORDERS:
        texts = [written(source, order, locale, number) for number in chosen]
        said = translated(translator, [text.text for text in texts], options.beams, show)
        hits = np.array([each.output == text.iso for each, text in zip(said, texts, strict=True)])
        meant = _aimed(translator, texts, [text.iso for text in texts])
        rows.append(_order(translator, order, _trained(source, order, locale), texts, said, hits, meant, options.seed))
        aims.append(meant)
        right.append(hits)
    aim, hit = np.concatenate(aims), np.concatenate(right)
    resampling = Resampling(np.tile(chosen, len(ORDERS)), options.seed)
    return OrdersRead(tuple(rows), resampling.mean(aim, hit), resampling.mean(aim, ~hit),
                      told_apart([(aim[hit], aim[~hit])]),
                      told_apart([(each[which], each[~which]) for each, which in zip(aims, right, strict=True)]))


def written(source: DateTexts, order: Sequence[str], locale: Locale, number: int) -> WrittenDate:
    """Return the day of a number with its fields in ``order``, spaces between them, the month as a word."""
    days, options = days_of(source.options), source.options
    year, month, day, _ = days.parts[number].tolist()
    name = piece_of(("M", 4), False, locale, "written", (options.first_year, options.last_year)).written[month]
    texts = {"year": str(options.first_year + year), "month_name": name, "day": str(day)}
    text, fields = "", []
    for each in order:
        start = len(text) + bool(text)
        text = f"{text} {texts[each]}".lstrip()
        fields.append((each, start, len(text)))
    return WrittenDate(text, days.dates[number], str(locale), " ".join(order), "written", tuple(fields))


def aimed(weights: np.ndarray, output: str, masks: dict[str, np.ndarray]) -> float:
    """Return the share of attention on the field that each digit comes from, mean over the digits; NaN without any.

    Args:
        weights: (T, S) attention.
        output: of T − 1 characters.
        masks: (S,) bool of each field.
    """
    parts = parts_of(output)
    shares = [weights[step, np.any([mask for name, mask in masks.items() if name in SOURCES[part]], axis=0)].sum()
              for step, part in enumerate(parts) if part in TELLING]
    return float(np.mean(shares)) if shares else float("nan")


def told_apart(pairs: Sequence[tuple[np.ndarray, np.ndarray]]) -> float | None:
    """Return the chance that a number of one sort is above one of another, ties half (the area under the ROC curve).

    Args:
        pairs: numbers of either sort that are compared with each other; all comparisons count alike.
    """
    compared = np.concatenate([np.sign(one[:, np.newaxis] - other).ravel() for one, other in pairs])
    return float((compared.mean() + 1) / 2) if len(compared) else None


def _aimed(translator: "Translator", texts: Sequence[WrittenDate], outputs: Sequence[str]) -> np.ndarray:
    weights = attention(translator, [text.text for text in texts], outputs)
    return np.array([aimed(each, output, field_masks(text))
                     for each, output, text in zip(weights, outputs, texts, strict=True)])


def _order(translator: "Translator", order: tuple[str, ...], trained: str, texts: Sequence[WrittenDate],
           said: Sequence[Translation], right: np.ndarray, meant: np.ndarray, seed: int) -> OrderRead:
    count = len(texts)
    failures = [(text, each) for text, each, hit in zip(texts, said, right.tolist(), strict=True) if not hit]
    named = [(text.iso.split("-"), each.output.split("-")) for text, each in failures if each.date is not None]
    wrong = {part: float(np.mean([one[place] != other[place] for one, other in named]))
             for place, part in enumerate(TELLING)} if named else {}
    resampling = Resampling(np.array([text.iso for text in texts]), seed)
    likelihood = log_probabilities(translator, [text.text for text in texts], [text.iso for text in texts])
    return OrderRead(
        order, trained, texts[0].text, rate(int(right.sum()), count),
        rate(sum(each.date is None for each in said), count),
        float(np.mean([each.probability for each in said])), float(np.exp(likelihood.sum(axis=1)).mean()),
        float(np.exp(likelihood[:, 1:].sum(axis=1)).mean()),
        resampling.mean(_aimed(translator, texts, [each.output for each in said])), resampling.mean(meant), wrong,
        tuple(sorted(failures, key=lambda pair: -pair[1].probability)))


def _trained(source: DateTexts, order: tuple[str, ...], locale: Locale) -> str:
    """Whether forms write day, month in words and year in this order, whatever stands between them."""
    languages = {locale_called(form.locale).language for form in source.forms
                 if tuple(piece.field for piece in form.pieces if piece.field in order) == order}
    return HERE if locale.language in languages else ELSEWHERE if languages else NEVER
