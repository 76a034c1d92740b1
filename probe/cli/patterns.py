r"""The patterns: list them, or see one on a text.

  probe patterns list
  probe patterns preview inside_quotes alice.txt --from 3000 --characters 1200
  probe patterns preview 'word_start & inside_quotes' alice.txt
  probe patterns preview url page.txt --regex 'url=https?://\S+'
"""

import argparse
import json
import sys

from probe.cli.encoding import in_place
from probe.cli.flags import add_action, whole
from probe.cli.pattern_flags import add_pattern_flags, patterns_from
from probe.cli.texts import text_named
from probe.corpus import Corpus, CorpusOptions
from probe.errors import UserError
from probe.patterns import NETWORK_PATTERNS, PATTERNS, NetworkPattern, parse_pattern, preview
from probe.render.table import table


def add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="list|preview")
    listing = add_action(actions, "list", "name the patterns and what they mean", __doc__)
    listing.add_argument("--json", action="store_true", help="print them as JSON")
    showing = add_action(actions, "preview", "show the labels of a pattern under the lines of a text", __doc__)
    showing.add_argument("name", metavar="NAME|EXPRESSION", help="one of 'probe patterns list', one of your own, or an "
                         "expression")
    showing.add_argument("text", metavar="TEXT", help="a text file, a fetched corpus, or 'embedded'")
    showing.add_argument("--from", dest="start", type=whole, default=0, metavar="POSITION",
                         help="first character shown [0]")
    showing.add_argument("--characters", type=whole, default=2000, metavar="INT", help="how many are shown [2000]")
    showing.add_argument("--encoding", default="utf-8", metavar="NAME", help="of TEXT [utf-8]")
    add_pattern_flags(showing)


def run(arguments: argparse.Namespace) -> None:
    if arguments.action == "list":
        _list(arguments.json)
        return
    path = text_named(arguments.text)
    corpus = Corpus.embedded() if path is None else Corpus.read(path, CorpusOptions(encoding=arguments.encoding))
    chosen = parse_pattern(arguments.name, patterns_from(arguments, corpus))
    if isinstance(chosen, NetworkPattern):
        raise UserError(f"pattern {chosen.name!r} is about a network that reads; 'probe scan' labels by it")
    if not 0 <= arguments.start < len(corpus) or arguments.characters < 1:
        raise UserError(f"--from must lie within the {len(corpus):,} characters of the text and --characters be at "
                        f"least 1; received {arguments.start} and {arguments.characters}")
    rows = preview(corpus, chosen, arguments.start, min(len(corpus), arguments.start + arguments.characters))
    print(in_place(rows, getattr(sys.stdout, "encoding", None) or "utf-8"), end="")


def _list(as_json: bool) -> None:
    titles = ("name", "group", "kind", "meaning")
    rows = [(p.name, p.group, p.kind, p.meaning) for p in (*PATTERNS.values(), *NETWORK_PATTERNS.values())]
    if as_json:
        print(json.dumps([dict(zip(titles, row, strict=True)) for row in rows], indent=1))
        return
    print(table(titles, rows))
