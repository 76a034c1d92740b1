"""See what one unit did on a text whose activations were recorded.

  probe show acts/ 1:225                                 on the terminal, from where the recording begins
  probe show acts/ 1:225 --signal forget_gate --from 5000 --to 9000
  probe show acts/ 1:225 --alignment predicted --scaling sigmoid --palette article --html unit.html
"""

import argparse

from probe.activations.store import Store
from probe.cli.flags import add_options, options_from
from probe.cli.showing import add_outputs, draw, drawing_named, page, show, unit_named
from probe.cli.stores import store_named
from probe.errors import UserError
from probe.render import ColouredText, ViewOptions

# Characters that are shown if nobody says how many.
PASSAGE = 2000
# A page has an element for each.
MOST = 200_000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("activations", metavar="ACTS", help="a store, of 'probe extract' or of 'probe sample --record'")
    parser.add_argument("unit", metavar="LAYER:UNIT", help="as the scan names units")
    parser.add_argument("--signal", metavar="NAME", help="of that unit [hidden, or the first that is there]")
    parser.add_argument("--from", dest="start", type=int, metavar="POSITION",
                        help="first character of the text [where the recording begins]")
    parser.add_argument("--to", dest="stop", type=int, metavar="POSITION",
                        help=f"character behind the last [{PASSAGE:,} further]")
    parser.add_argument("--plot", metavar="FILE", help="also draw it, as .png, .svg or .pdf")
    add_outputs(parser)
    add_options(parser, ViewOptions, "showing", defaults=ViewOptions())


def run(arguments: argparse.Namespace) -> None:
    view = options_from(arguments, ViewOptions())
    drawing = drawing_named(arguments.plot, "--plot") if arguments.plot else None
    store = store_named(arguments.activations)
    text = coloured(store, arguments.unit, arguments.signal, arguments.start, arguments.stop, view)
    if not arguments.html and not drawing:
        show([text], arguments.colour)
    if arguments.html:
        page([text], arguments.html)
    if drawing:
        draw(text.figure(), drawing)
        print(f"plot: {drawing}")


def coloured(store: Store, name: str, signal: str | None, start: int | None, stop: int | None,
             view: ViewOptions) -> ColouredText:
    """Return a part of a store's text as one unit colours it.

    Args:
        store: which keeps every character.
        name: ``LAYER:UNIT``.
        signal: of the unit; None for hidden, or the first that is there.
        start, stop: positions in the text; None for where the recording begins, and ``PASSAGE`` characters further.
        view: how.

    Raises:
        UserError: the store keeps only some characters, or has not this layer, unit, signal or part of the text.
    """
    if store.every > 1:
        raise UserError(f"{store.folder}: keeps one character in {store.every}, and a text is coloured if all are "
                        "there; extract without --every")
    layer = name.rpartition(":")[0]
    signals = [each for of, each in store.units if of == layer]
    if signal is None:
        signal = "hidden" if "hidden" in signals else next(iter(signals), "hidden")
    if signals and signal not in signals:
        raise UserError(f"--signal must be one of {', '.join(signals)}, which the store has of layer {layer}; received "
                        f"{signal!r}")
    units = store.units.get((layer, signal), next(iter(store.units.values())))
    layer, unit = unit_named(name, "the unit", list(dict.fromkeys(of for of, _ in store.units)), units)
    segment = store.segment
    first = segment.start if start is None else start
    last = min(segment.stop, first + PASSAGE) if stop is None else stop
    if not segment.start <= first < last <= segment.stop:
        raise UserError(f"--from and --to must lie in {segment.start:,} to {segment.stop:,}, the part of the text that "
                        f"was recorded; received {first:,} to {last:,}")
    if last - first > MOST:
        raise UserError(f"--from and --to may be {MOST:,} characters apart at most; received {last - first:,}")
    rows = slice(first - segment.start, last - segment.start)
    values = store.signals[layer, signal][rows, units.index(unit)]
    caption = f"unit {layer}:{unit}, {signal.replace('_', ' ')}, characters {first:,} to {last:,}"
    return view.of(store.corpus.document(first, last).text, values, signal, caption)
