"""Show dates as people write them, what they mean, and how often anybody could tell.

  probe dates examples
  probe dates examples --preset languages --count 20
  probe dates examples --locales en_US,en_GB --styles yMd --text 10/11/2016     what a text may mean
  probe dates examples --list-styles
  probe dates examples --list-locales
"""

import argparse
import datetime
import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from probe.attention.dates import PRESETS, STYLES, Ceiling, DateOptions, DateTexts, ceiling, readings
from probe.attention.dates.locales import all_locales, locale_called
from probe.attention.dates.registry import WORDED
from probe.cli.flags import add_options, options_from, whole
from probe.cli.showing import tell
from probe.errors import UserError
from probe.options import named
from probe.render.table import cell, table

Readings = Sequence[tuple[datetime.date, float]]
# From how many locales on the ceiling takes so long that one wants to know what one waits for.
MANY = 40


def add_arguments(parser: argparse.ArgumentParser) -> None:
    presets = "; ".join(f"{name}: {preset.meaning}" for name, preset in PRESETS.items())
    parser.add_argument("--preset", default="english", metavar="|".join(PRESETS),
                        help=f"defaults of the options below. {presets} [english]")
    parser.add_argument("--count", type=whole, default=10, metavar="INT", help="how many are shown [10]")
    parser.add_argument("--seed", type=whole, default=0, metavar="INT", help="other seeds, other texts [0]")
    parser.add_argument("--ceiling", action=argparse.BooleanOptionalAction, default=True,
                        help="also tell how often the best translator can be right; seconds for twenty locales")
    parser.add_argument("--text", metavar="TEXT", help="tell instead what this text may mean, and how likely it is")
    parser.add_argument("--list-styles", action="store_true", help="name the styles instead")
    parser.add_argument("--list-locales", action="store_true", help="name the locales instead")
    parser.add_argument("--json", action="store_true", help="print what is told as JSON")
    add_options(parser, DateOptions, "dates", defaults=PRESETS["english"].options)


def run(arguments: argparse.Namespace) -> None:
    dates = options_from(arguments, named("preset", arguments.preset, PRESETS).options)
    if not 0 <= arguments.count <= 1_000_000:
        raise UserError(f"--count must be 0 to 1,000,000; received {arguments.count:,}")
    if arguments.list_styles:
        _list(("style", "default", "locales", "meaning"), _styles(dates), arguments.json)
    elif arguments.list_locales:
        _list(("locale", "meaning"), [(name, locale_called(name).get_display_name("en")) for name in all_locales()],
              arguments.json)
    elif arguments.text is not None:
        _read(dates, arguments.text, arguments.json)
    else:
        _show(dates, arguments)


def _styles(dates: DateOptions) -> list[tuple[object, ...]]:
    """Name, whether it is chosen by default, how many of the chosen locales have it, and meaning of each style."""
    locales = [locale_called(name) for name in dates.locale_names()]
    return [(style.name, "yes" if style.name in WORDED else "no",
             sum(style.pattern(locale) is not None for locale in locales), style.meaning) for style in STYLES.values()]


def _list(titles: Sequence[str], rows: Sequence[tuple[object, ...]], as_json: bool) -> None:
    print(json.dumps([dict(zip(titles, row, strict=True)) for row in rows], indent=1) if as_json
          else table(titles, rows))


def _read(dates: DateOptions, text: str, as_json: bool) -> None:
    found = readings(dates, text)
    if as_json:
        print(json.dumps({"text": text, "readings": _plain(found)}, indent=1))
    elif found:
        print(table(("date", "probability"), found))
    else:
        print(f"{cell(text)}: none of these styles writes a date of {dates.first_year} to {dates.last_year} so")


def _show(dates: DateOptions, arguments: argparse.Namespace) -> None:
    texts = DateTexts(dates).draw("train", (arguments.seed,), arguments.count)
    if not arguments.json and texts:
        print(table(("text", "means", "locale", "style", "case"), [
            (each.text, each.iso or None, each.locale or None, each.style, each.case) for each in texts]))
    if arguments.ceiling and len(dates.locale_names()) > MANY:
        tell(f"the ceiling of {len(dates.locale_names())} locales takes minutes; --no-ceiling leaves it out")
    best = ceiling(dates) if arguments.ceiling else None
    if arguments.json:
        print(json.dumps({
            "options": asdict(dates), "ceiling": best and _ceiling(best),
            "texts": [{"text": each.text, "date": each.iso or None, "locale": each.locale, "style": each.style,
                       "case": each.case, "fields": each.fields} for each in texts]}, indent=1))
    elif best:
        print("\n" * bool(texts) + _words(best))


def _words(best: Ceiling) -> str:
    if best.rate == 1:
        return "No text means two dates: a perfect translator is always right."
    lines = [f"Some texts mean several dates: the best translator is right on {best.rate:.3%} of texts that hold one."]
    for title, shares in (("style", best.by_style), ("locale", best.by_locale)):
        worst = sorted((share, name) for name, share in shares.items() if share < 1)[:5]
        lines.append(f"  by {title}, the lowest: " + ", ".join(f"{name} {share:.2%}" for share, name in worst))
    lines += [f"  {cell(text)}: " + ", ".join(f"{date} {chance:.2f}" for date, chance in means)
              for text, means in best.ambiguous]
    return "\n".join(lines)


def _ceiling(best: Ceiling) -> dict[str, Any]:
    return {**asdict(best), "ambiguous": [{"text": text, "readings": _plain(means)} for text, means in best.ambiguous]}


def _plain(found: Readings) -> list[dict[str, Any]]:
    return [{"date": date.isoformat(), "probability": probability} for date, probability in found]
