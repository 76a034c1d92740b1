"""Show what a translator read for each character that it put out, and what hiding a character does.

  probe dates map "Saturday 5 November 2016"                            here
  probe dates map "Saturday 5 November 2016" --out map.html             a page; numbers on hover
  probe dates map "5 Nov 16" "samedi 5 novembre 2016" --out maps.html --out maps.png
  probe dates map --run runs/dates "03/04/2016" --json

A file that ends in .png, .svg or .pdf is a figure.
"""

import argparse
import json
import shutil
from pathlib import Path

from probe.cli.dates_translator import add_translator, check_translator, texts_given, translator_of
from probe.cli.showing import add_colour, depth_of, draw, drawing_named
from probe.cli.telling import put
from probe.cli.texts import PAGE, file_named
from probe.errors import UserError
from probe.render.paper import ENDINGS


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("text", metavar="TEXT", nargs="+", help="dates; - reads lines from the standard input")
    parser.add_argument("--out", metavar="FILE", action="append", default=[], help="write a page (.html) or a figure "
                        f"({', '.join(ENDINGS)}) instead; may be given several times")
    add_translator(parser)
    add_colour(parser)
    parser.add_argument("--json", action="store_true", help="print the maps as JSON")


def run(arguments: argparse.Namespace) -> None:
    check_translator(arguments)
    outputs = [_output(name) for name in arguments.out]
    texts = list(texts_given(arguments.text))
    if not texts or not all(texts):
        raise UserError("a map needs at least one character to look at; received an empty text")
    from probe.attention import date_map, date_maps

    translator = translator_of(arguments)
    maps = (date_map(translator, texts[0], arguments.beams) if len(texts) == 1
            else date_maps(translator, texts, arguments.beams))
    if arguments.json:
        print(json.dumps(maps.to_json(), indent=1))
    elif not outputs:
        print(maps.to_terminal(max(20, shutil.get_terminal_size().columns), depth_of(arguments.colour, page="--out")))
    for path in outputs:
        if path.suffix.lower() in PAGE:
            kind, path = "page", maps.to_html(path)
        else:
            kind = "figure"
            draw(maps.figure(), path)
        put(f"{kind}: {path.resolve()}", beside=arguments.json)


def _output(name: str) -> Path:
    path = file_named(name, "--out")
    if path.suffix.lower() in PAGE:
        return path
    if path.suffix.lower() in ENDINGS:
        return drawing_named(name, "--out")
    raise UserError(f"--out must name a file that ends in {', '.join((PAGE[0], *ENDINGS))}; received {name!r}")
