"""Known texts: list them, or fetch one into your cache.

  probe corpus list
  probe corpus get alice
"""

import argparse
import json
from dataclasses import asdict

from probe.cli.flags import add_action
from probe.cli.telling import put
from probe.corpus.catalogue import catalogue, get, receipt
from probe.render.table import table


def add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="list|get")
    listing = add_action(actions, "list", "name the known texts", __doc__)
    listing.add_argument("--json", action="store_true", help="print them as JSON")
    getting = add_action(actions, "get", "download one; a cut download goes on", __doc__)
    getting.add_argument("name", metavar="NAME")
    getting.add_argument("--address", metavar="URL", help="another place to download it from")


def run(arguments: argparse.Namespace) -> None:
    if arguments.action == "get":
        put(str(get(arguments.name, address=arguments.address)))
        return
    entries = catalogue()
    if arguments.json:
        print(json.dumps([asdict(entry) for entry in entries.values()], indent=1))
        return
    print(table(("name", "bytes", "fetched", "title", "licence"), [
        (entry.name, entry.bytes, "yes" if receipt(entry.name) else "no", entry.title, entry.licence)
        for entry in entries.values()]))
