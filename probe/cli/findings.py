"""Read a findings folder again: filter, sort and give it to other programs.

  probe findings runs/alice/findings                                 the best unit of every pattern
  probe findings runs/alice/findings --pattern inside_quotes --top 5
  probe findings runs/alice/findings --status learned --layer 2 --json
  probe findings runs/alice/findings --sort confirmation_auc --top 3         by any field that --json shows
  probe findings runs/alice/findings --csv all.csv --parquet all.parquet     every unit × pattern

What a scan with --recur or --checkpoints found in other networks is shown below, and in the JSON under "recurrence".
"""

import argparse
import json
import shutil
from dataclasses import replace

from probe.cli.flags import whole
from probe.cli.showing import tell
from probe.cli.telling import put
from probe.cli.texts import PARQUET, TABLE, check_files, path_named
from probe.errors import UserError
from probe.files import near_path, restore_folder
from probe.scan import Findings
from probe.scan.finding import CLAIMS
from probe.scan.records import recurrence_record
from probe.scan.remarks import remarks, why_none
from probe.scan.tables import in_order, strongest_first, summary

# Where 'probe scan' puts the findings of a run or a store, and what these hold.
WITHIN, OWNERS = "findings", ("run.json", "store.json")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("findings", metavar="FOLDER", help="a folder that 'probe scan' wrote, or a run or "
                        "store that holds one")
    parser.add_argument("--top", type=whole, metavar="INT", help="units of each pattern that are shown, the best of "
                        "those that meet the conditions [1; after 'probe scan --settle' all that are settled]")
    parser.add_argument("--pattern", metavar="NAME", help="findings of this pattern alone")
    parser.add_argument("--layer", metavar="NAME", help="of this layer alone")
    parser.add_argument("--signal", metavar="NAME", help="of this signal alone")
    parser.add_argument("--status", metavar="|".join(CLAIMS), help="those alone whose evidence bears this claim")
    parser.add_argument("--sort", metavar="FIELD", help="order by p, or any field of the JSON, such as selection_auc; "
                        "numbers from the largest magnitude down, p-values upwards [those with most claims first]")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument("--csv", metavar="FILE", help="also write every unit × pattern as a table")
    parser.add_argument("--parquet", metavar="FILE", help="the same as Parquet, if pyarrow is installed")


def run(arguments: argparse.Namespace) -> None:
    if arguments.top is not None and arguments.top < 1:
        raise UserError(f"--top must be 1 or more; received {arguments.top}")
    check_files(arguments, csv=TABLE, parquet=PARQUET)
    findings = findings_named(arguments.findings)
    conditions = {name: getattr(arguments, name) for name in ("pattern", "layer", "signal", "status")}
    kept = findings.only(**conditions)
    shown = kept.only(top=arguments.top or findings.shown)
    if arguments.sort:
        shown = replace(shown, findings=tuple(in_order(shown.findings, arguments.sort)))
    if arguments.parquet:  # first: it may lack what it needs
        findings.to_parquet(path_named(arguments.parquet))
    if arguments.csv:
        findings.to_csv(path_named(arguments.csv))
    if not shown.findings:
        tell(why_none(findings.findings, **conditions))
    if arguments.json:
        print(json_text(shown))
        return
    width = shutil.get_terminal_size((120, 24)).columns
    if shown.findings:
        print(summary(shown.findings, width, arguments.sort))
        in_table = shown.findings if arguments.sort else strongest_first(shown.findings)
        for line in remarks(kept.findings, in_table, "--top"):
            put(line)
    if shown.recurrence is not None:
        for table in (shown.recurrence.runs_table(width), shown.recurrence.checkpoints_table(width)):
            if table:
                print(f"\n{table}")


def findings_named(name: str) -> Findings:
    """Return the findings in a folder, or of the run or store that it is.

    Raises:
        UserError: there are none.
    """
    folder = path_named(name)
    restore_folder(folder)
    if not folder.exists():
        near = near_path(folder, ("findings.json", *OWNERS)) or "; 'probe scan RUN' writes findings into RUN/findings"
        raise UserError(f"{folder}: no such folder{near}")
    described = any((folder / each).exists() for each in OWNERS)
    return Findings.load(folder / WITHIN if described else folder)


def json_text(findings: Findings) -> str:
    """Return the findings as a JSON list, or with what recurs in other networks as an object of both."""
    rows = list(findings.rows())
    if findings.recurrence is None:
        return json.dumps(rows, indent=1)
    return json.dumps({"findings": rows, "recurrence": recurrence_record(findings.recurrence)}, indent=1)
