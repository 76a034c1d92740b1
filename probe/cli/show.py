"""See what units do on a text, character by character: a run reads it now, or a store has it recorded.

  probe show runs/alice --unit 1:225                            on the run's own test split, on the terminal
  probe show runs/alice --unit 2:189 book.txt --mark inside_quotes
  probe show runs/alice --unit 1:225,1:3 book.txt --plot units.pdf     lines of several units under the text
  probe show acts/ --unit 1:225 --signal forget_gate --from 5000 --to 9000
  probe show acts/ --unit 1:225 --alignment predicted --scaling sigmoid --palette article --html unit.html
"""

import argparse
from typing import TYPE_CHECKING

import numpy as np

from probe.cli.flags import add_options, options_from, whole
from probe.cli.pattern_flags import add_pattern_flags, patterns_from
from probe.cli.showing import add_outputs, draw, drawing_named, page, show
from probe.cli.stores import store_named
from probe.cli.stretch import PASSAGE, READING, Stretch, stretch_of_run, stretch_of_store
from probe.cli.texts import PAGE, check_files, path_named
from probe.errors import UserError
from probe.render import ViewOptions

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from probe.render import ColouredText

# Characters a line of a drawing.
FEWEST_COLUMNS, MOST_COLUMNS = 10, 1000
# Of an extraction, what is settled here: one stream, of the units that are named.
SETTLED = ("signals", "layers", "units", "characters", "streams", "losses")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("source", metavar="RUN|ACTS", help="a run directory, or a store of 'probe extract' or of "
                        "'probe sample --record'")
    parser.add_argument("text", metavar="TEXT", nargs="?", help="for a run: a file, a fetched corpus, or 'embedded' "
                        "[its own, from where the test split begins]")
    parser.add_argument("--unit", action="append", default=[], required=True, metavar="LAYER:UNIT", help="as the scan "
                        "names units; several with commas between them")
    parser.add_argument("--signal", metavar="NAME", help="of these units [hidden, or the first that is there]")
    parser.add_argument("--mark", metavar="NAME|EXPRESSION", help="underline where a pattern holds")
    parser.add_argument("--from", dest="start", type=whole, metavar="POSITION", help="first character of the text that "
                        "is shown [of a store, where the recording begins; of TEXT, 0]")
    parser.add_argument("--to", dest="stop", type=whole, metavar="POSITION",
                        help=f"character behind the last [{PASSAGE:,} further]")
    parser.add_argument("--plot", metavar="FILE", help="draw it, as .png, .svg or .pdf; several units as lines under "
                        "the text")
    parser.add_argument("--columns", type=whole, default=80, metavar="INT", help="characters a line of the drawing; 42 "
                        "fit a column of a page in two [80]")
    parser.add_argument("--traces", action="store_true", help="draw the line of a single unit too")
    add_outputs(parser)
    add_options(parser, ViewOptions, "showing", defaults=ViewOptions())
    add_options(parser, type(READING), "reading by a run", defaults=READING, skip=SETTLED)
    parser.add_argument("--checkpoint", metavar="best|latest|STEP", help="which weights of a run [best]")
    parser.add_argument("--encoding", default="utf-8", metavar="NAME", help="of TEXT [utf-8]")
    parser.add_argument("--stand-in", metavar="CHARACTER",
                        help="read characters of TEXT that the run never saw as this one")
    add_pattern_flags(parser)


def run(arguments: argparse.Namespace) -> None:
    view = options_from(arguments, ViewOptions())
    check_files(arguments, html=PAGE)
    drawing = drawing_named(arguments.plot, "--plot") if arguments.plot else None
    if not FEWEST_COLUMNS <= arguments.columns <= MOST_COLUMNS:
        raise UserError(f"--columns must be {FEWEST_COLUMNS} to {MOST_COLUMNS:,}; received {arguments.columns:,}")
    names = [name for given in arguments.unit for name in given.split(",")]
    source = path_named(arguments.source)
    stretch = (stretch_of_run(source, names, arguments) if (source / "run.json").exists()
               else stretch_of_store(store_named(arguments.source), names, arguments))
    texts = coloured(stretch, view, _marks(arguments, stretch), arguments.mark or "")
    if not arguments.html and not drawing:
        show(texts, arguments.colour)
    if drawing:  # before the page: it may be too large
        draw(_figure(texts, arguments), drawing)
        print(f"plot: {drawing}")
    if arguments.html:
        page(texts, arguments.html)


def coloured(stretch: Stretch, view: ViewOptions, marks: np.ndarray | None = None,
             marked: str = "") -> "list[ColouredText]":
    """Return a stretch as each of its units colours it.

    Args:
        stretch: text and values.
        view: how.
        marks: (N,) bool, what is underlined; None for nothing.
        marked: what the marks stand for.
    """
    first, last = stretch.segment.start, stretch.segment.stop
    return [view.of(stretch.text, values, stretch.signal,
                    f"unit {layer}:{unit}, {stretch.signal.replace('_', ' ')}, characters {first:,} to {last:,}",
                    marks=marks, marked=marked.replace("_", " "))
            for (layer, unit), values in stretch.values.items()]


def _marks(arguments: argparse.Namespace, stretch: Stretch) -> np.ndarray | None:
    own = patterns_from(arguments, stretch.corpus)
    if arguments.mark is None:
        return None
    from probe.patterns import NetworkPattern, parse_pattern
    from probe.patterns.labeller import Labeller

    pattern = parse_pattern(arguments.mark, own)
    if isinstance(pattern, NetworkPattern):
        raise UserError(f"--mark: {pattern.name!r} is about a network that reads; accepted are patterns of the text")
    if pattern.kind != "boolean":
        raise UserError(f"--mark: {pattern.name!r} is graded, and a line is drawn or not; compare it, as in "
                        f"'({pattern.name} > 3)'")
    labels = Labeller([pattern], stretch.corpus).labels(stretch.segment.start, stretch.segment.stop)
    return np.asarray(labels[:, 0] > 0.5)


def _figure(texts: "list[ColouredText]", arguments: argparse.Namespace) -> "Figure":
    if len(texts) > 1 or arguments.traces:
        return texts[0].trace_figure(*texts[1:], columns=arguments.columns)
    return texts[0].figure(arguments.columns)
