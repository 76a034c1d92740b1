"""Measure what a translator does with weekdays, and with day, month and year out of order.

  probe dates diagnose
  probe dates diagnose --run runs/dates --out diagnosis.html       with maps of what goes wrong
  probe dates diagnose --run runs/languages --locale fr_FR --json
"""

import argparse
import json
import shutil

from probe.attention.truth.options import DiagnosisOptions
from probe.cli.dates_translator import add_translator, check_translator, translator_of
from probe.cli.flags import add_options, options_from
from probe.cli.telling import put
from probe.cli.texts import PAGE, check_files, path_named


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_translator(parser, beams=False)
    parser.add_argument("--out", metavar="FILE", help="also write a page, with maps as examples")
    parser.add_argument("--json", action="store_true", help="print it as JSON")
    add_options(parser, DiagnosisOptions, "the diagnosis", defaults=DiagnosisOptions())


def run(arguments: argparse.Namespace) -> None:
    options = options_from(arguments, DiagnosisOptions())
    check_translator(arguments)
    check_files(arguments, out=PAGE)
    from probe.attention import diagnose

    found = diagnose(translator_of(arguments), options)
    print(json.dumps(found.to_json(), indent=1) if arguments.json
          else found.to_terminal(shutil.get_terminal_size().columns))
    if arguments.out is not None:
        put(f"page: {found.to_html(path_named(arguments.out)).resolve()}", beside=arguments.json)
