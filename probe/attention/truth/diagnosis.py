"""What is wrong with a translator of dates, as far as can be measured: the weekday, and dates out of order."""

import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from probe.attention.dates import DateTexts
from probe.attention.maps.several_maps import AttentionMaps
from probe.attention.translator.translation import chance
from probe.attention.truth.date_map import given_maps
from probe.attention.truth.deciding import WeekdayDecides, weekday_decides
from probe.attention.truth.estimate import Estimate
from probe.attention.truth.examining import translated
from probe.attention.truth.options import DiagnosisOptions
from probe.attention.truth.orders import OrdersRead, orders_read
from probe.attention.truth.weekday import WeekdayRead, weekday_read, with_weekday
from probe.render.graphemes import visible
from probe.render.table import table
from probe.render.wrapping import wrapped

if TYPE_CHECKING:
    from probe.attention.translator.translator import Translator

CHANGE_HEADERS = ("weekday", "texts", "output as before", "95 %", "right", "cost, nats", "95 %")
FIELD_HEADERS = ("field", "texts", "of the text", "of attention", "95 %", "cost of hiding it, nats", "95 %",
                 "output as before")
ORDER_HEADERS = ("order", "in training", "example", "exact", "95 %", "no day given", "probability",
                 "probability of the true date", "once begun", "attention on the right field", "given the true date")
READING = (
    "output as before: share of the outputs that do not change; cost: nats by which the log-probability of the output "
    "without the change falls",
    "of the text, of attention: share of a field in the characters of a text, and in the attention for the digits put "
    "out. A whole field hidden is more than the network has learnt to do without: one to three characters",
    "once begun: probability of the true date when its first character is given, whether it can be read by a network "
    "that is made to try",
    "attention on the right field: share of the attention that lies on the year while the year is written, on the "
    "month while the month is, on the day while the day is: of the outputs that have digits, and while the true date "
    "is given to the network, whatever it would write",
)


@dataclass(frozen=True, eq=False)
class Diagnosis:
    """What a network reads, and what it does not.

    Attributes:
        options: of the diagnosis.
        weekday: what the weekday is to it; None if it was trained on none beside a month in words.
        decides: whether it uses the weekday where that alone tells day from month; None if it does so nowhere.
        orders: all six.
        maps: of texts that go wrong; None if there are none.
    """

    options: DiagnosisOptions
    weekday: WeekdayRead | None
    decides: WeekdayDecides | None
    orders: OrdersRead
    maps: AttentionMaps | None

    @property
    def tables(self) -> Iterator[tuple[str, tuple[str, ...], list[tuple[object, ...]]]]:
        """Each table: caption, headers and rows."""
        if self.weekday is not None:
            yield (f"the weekday: {self.weekday.texts:,} texts of held-out days with a month in words, "
                   f"{_percent(self.weekday.right)} of them translated exactly", CHANGE_HEADERS,
                   [(each.change, each.same.count, each.same.mean, each.same.interval, each.right.mean, each.cost.mean,
                     each.cost.interval) for each in self.weekday.changes])
            yield ("how much each field is read", FIELD_HEADERS,
                   [(each.field.replace("_", " "), each.same.count, each.characters.mean, each.attention.mean,
                     each.attention.interval, each.cost.mean, each.cost.interval, each.same.mean)
                    for each in self.weekday.fields])
        yield ("day, month and year in every order", ORDER_HEADERS,
               [(each.name, each.trained, each.example, each.exact.mean, each.exact.interval, each.refused.mean,
                 each.probability, each.meant, each.begun, each.aimed.mean, each.aimed_meant.mean)
                for each in self.orders.orders])

    @property
    def lines(self) -> list[str]:
        """What the tables do not say, a line each."""
        found = []
        if self.decides is None:
            found.append("where the weekday alone tells day from month: no such text among the forms that were learnt")
        else:
            one = self.decides.example
            found.append(
                f"where the weekday alone tells day from month ({one.text} is {one.date}, {one.swapped_text} is "
                f"{one.swapped}): of {self.decides.pairs:,} pairs both are right for {_percent(self.decides.both)}, "
                f"and the output is the same for {_percent(self.decides.same)}; {_percent(self.decides.right)} of the "
                "texts are right, where ignoring the weekday would allow 50.0 % at most")
        for each in self.orders.orders:
            if each.wrong_parts:
                parts = ", ".join(f"the {part} in {100 * share:.0f} %" for part, share in each.wrong_parts.items())
                found.append(f"{each.name}: of the wrong outputs that name a day, wrong is {parts}")
        if self.orders.told_apart is not None:
            found.append(
                "does the map show it? while the true date is given to the network, the field that a digit comes from "
                f"has {_percent(self.orders.aimed_right)} of the attention in texts that it translates right, and "
                f"{_percent(self.orders.aimed_wrong)} in those that it does not; of two texts, one of each, the right "
                f"one has more in {100 * self.orders.told_apart:.1f} % of all pairs (50 % would be chance)"
                + ("" if self.orders.told_apart_within is None else
                   f", and in {100 * self.orders.told_apart_within:.1f} % of those of the same order"))
        return found

    def to_terminal(self, width: int) -> str:
        """Return all of it as lines of at most ``width`` columns, or as wide as the tables need."""
        shown = [f"{caption}\n{table(headers, rows, width)}" for caption, headers, rows in self.tables]
        notes = ["\n".join(line for each in some for line in wrapped(visible(each), width))
                 for some in (self.lines, READING)]
        return "\n\n".join([*shown, *notes])

    def __str__(self) -> str:
        """Return the diagnosis for a terminal, as wide as it is."""
        return self.to_terminal(shutil.get_terminal_size().columns)

    def to_html(self, path: str | Path) -> Path:
        """Write one offline page with the tables, and maps of what goes wrong, to ``path``; return ``path``."""
        from probe.attention.truth.page import write_diagnosis

        return write_diagnosis(self, Path(path))

    def to_json(self) -> dict[str, Any]:
        """Return plain values, all of them finite or None."""
        return {"kind": "translator diagnosis", "version": 1, "options": asdict(self.options),
                "weekday": None if self.weekday is None else self.weekday.to_json(),
                "decides": None if self.decides is None else self.decides.to_json(),
                "orders": self.orders.to_json(),
                "maps": [] if self.maps is None else self.maps.to_json()}


def diagnose(translator: "Translator", options: DiagnosisOptions = DiagnosisOptions(), *, show: bool = True,
             ) -> Diagnosis:
    """Measure what a translator makes of the weekday, and of dates in orders that it was never trained on.

    Args:
        translator: who is asked.
        options: on how many texts.
        show: whether to show progress.

    Raises:
        UserError: there is no such locale, or its years hold no day for a test.
    """
    texts = with_weekday(DateTexts(translator.dates), options.texts, options.seed)
    said = translated(translator, [text.text for text in texts], options.beams, show)
    orders = orders_read(translator, options, show)
    return Diagnosis(
        options, weekday_read(translator, texts, said, options, show) if texts else None,
        weekday_decides(translator, options, show), orders, _failures(translator, orders, options))


def _failures(translator: "Translator", orders: OrdersRead, options: DiagnosisOptions) -> AttentionMaps | None:
    """Maps of texts that go wrong. Where no day is given there is nothing to see, so that the true date is."""
    texts, outputs, headings = [], [], []
    for order in orders.orders:
        for text, said in order.failures[:options.examples]:
            texts.append(text.text)
            outputs.append(said.output or text.iso)
            headings.append(
                f"{order.name}, {order.trained}: {text.iso} is read as {said.output or 'no date'}, probability "
                f"{chance(said.probability)}{'' if said.output else '; the map is that of the true date, given to it'}")
    return AttentionMaps(given_maps(translator, texts, outputs, headings), "What goes wrong") if texts else None


def _percent(estimate: Estimate) -> str:
    return "–" if estimate.mean is None else f"{100 * estimate.mean:.1f} %"
