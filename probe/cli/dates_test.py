"""Measure a translator on days that it never saw: dates wholly right, beside the best that anybody could reach.

  probe dates test
  probe dates test --run runs/dates --texts 10000
  probe dates test --run runs/dates --json

By locale, by style, texts without a date, how far its probabilities are to be believed, and whether what it attends to
is what counts.
"""

import argparse
import json
import shutil

from probe.attention.truth.options import DateTestOptions
from probe.cli.dates_translator import add_translator, check_translator, translator_of
from probe.cli.flags import add_options, options_from


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_translator(parser, beams=False)
    parser.add_argument("--json", action="store_true", help="print it as JSON")
    add_options(parser, DateTestOptions, "the test", defaults=DateTestOptions())


def run(arguments: argparse.Namespace) -> None:
    options = options_from(arguments, DateTestOptions())
    check_translator(arguments)
    from probe.attention import examine

    report = examine(translator_of(arguments), options)
    print(json.dumps(report.to_json(), indent=1) if arguments.json
          else report.to_terminal(shutil.get_terminal_size().columns))
