"""Read a findings folder again: filter, sort and give it to other programs.

  probe findings runs/alice/findings                                 the best unit of every pattern
  probe findings runs/alice/findings --pattern inside_quotes --top 5
  probe findings runs/alice/findings --status learned --layer 2 --json
  probe findings runs/alice/findings --csv all.csv --parquet all.parquet     every unit × pattern
"""

import argparse
import json
import shutil

from probe.cli.texts import path_named
from probe.scan import Findings
from probe.scan.finding import CLAIMS
from probe.scan.tables import summary


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("findings", metavar="FOLDER", help="a folder that 'probe scan' wrote")
    parser.add_argument("--top", type=int, default=1, metavar="INT", help="units of each pattern that are shown [1]")
    parser.add_argument("--pattern", metavar="NAME", help="findings of this pattern alone")
    parser.add_argument("--layer", metavar="NAME", help="of this layer alone")
    parser.add_argument("--signal", metavar="NAME", help="of this signal alone")
    parser.add_argument("--status", metavar="|".join(CLAIMS), help="those alone whose evidence bears this claim")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument("--csv", metavar="FILE", help="also write every unit × pattern as a table")
    parser.add_argument("--parquet", metavar="FILE", help="the same as Parquet, if pyarrow is installed")


def run(arguments: argparse.Namespace) -> None:
    findings = Findings.load(path_named(arguments.findings))
    if arguments.csv:
        findings.to_csv(path_named(arguments.csv))
    if arguments.parquet:
        findings.to_parquet(path_named(arguments.parquet))
    shown = findings.only(top=arguments.top, pattern=arguments.pattern, layer=arguments.layer, signal=arguments.signal,
                          status=arguments.status)
    if arguments.json:
        print(json.dumps(list(shown.rows()), indent=1))
    elif shown.findings:
        print(summary(shown.findings, shutil.get_terminal_size((120, 24)).columns))
    else:
        print("no finding meets these conditions")
