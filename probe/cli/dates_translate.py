"""Say what dates mean, and with what doubt: a line a text, with its probability, other readings and remarks.

  probe dates translate "5th November 2016" "Nov 5, 16"
  probe dates translate --run runs/dates "samedi 5 novembre 2016"
  probe dates translate < dates.txt                   a text a line
  probe dates translate --json "03/04/16" "hello"

That a text holds no date is an answer too.
"""

import argparse
import json
import sys
from itertools import islice

from probe.cli.dates_translator import add_translator, check_translator, texts_given, translator_of
from probe.cli.showing import tell
from probe.cli.telling import put
from probe.render.table import cell

# Lines of a file that are translated at once.
AT_ONCE = 256


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("text", metavar="TEXT", nargs="*", help="dates; - or none reads lines from the standard input")
    add_translator(parser)
    parser.add_argument("--json", action="store_true", help="print them as JSON, with all that were found")


def run(arguments: argparse.Namespace) -> None:
    check_translator(arguments)
    texts = texts_given(arguments.text)
    typed = bool(sys.stdin and sys.stdin.isatty())
    if typed and arguments.text in ([], ["-"]):
        tell("a date a line; Ctrl-D ends")
    at_once = 1 if typed and not arguments.json else AT_ONCE
    asked = list(islice(texts, len(arguments.text) or at_once))  # what is wrong with these is told without an engine
    if not asked:
        tell("the standard input is empty: no date to read")
    translator = translator_of(arguments)
    found = []
    while asked:
        for each in translator.translate(asked, arguments.beams):
            if arguments.json:
                found.append(each.to_json())
            else:
                put(f"{cell(each.text)} → {each}")
        sys.stdout.flush()
        asked = list(islice(texts, at_once))
    if arguments.json:
        print(json.dumps(found, indent=1))
