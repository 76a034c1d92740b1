"""Look at runs, also while they are trained.

  probe runs list                          all below runs/
  probe runs show runs/alice               plan, progress, best validation, and a plot of the loss
  probe runs show runs/alice --plot loss.png
"""

import argparse
import json
import shutil
import sys
from pathlib import Path
from typing import Any

from probe.attention.translator.run import KIND as TRANSLATOR
from probe.attention.translator.run import TranslatorRun
from probe.attention.translator.status import TranslatorStatus
from probe.cli.flags import add_action
from probe.cli.showing import draw, drawing_named
from probe.cli.telling import put
from probe.cli.texts import path_named
from probe.errors import UserError
from probe.model.run import Run
from probe.model.training_folder import kind_of
from probe.render.loss_curve import LossCurve
from probe.render.table import table
from probe.train.report import budget_words, counted
from probe.train.status import RunStatus, runs_below

HEIGHT, WIDEST = 14, 110


def add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="list|show")
    listing = add_action(actions, "list", "name all runs below a folder", __doc__)
    listing.add_argument("folder", metavar="FOLDER", nargs="?", default="runs", help="where they lie [runs]")
    listing.add_argument("--json", action="store_true", help="print them as JSON")
    showing = add_action(actions, "show", "show how one stands, with its loss", __doc__)
    showing.add_argument("run", metavar="RUN", help="a run directory")
    showing.add_argument("--plot", metavar="FILE", help="also draw the loss, as .png, .svg or .pdf")
    showing.add_argument("--json", action="store_true", help="print it as JSON, without the drawing")


def run(arguments: argparse.Namespace) -> None:
    if arguments.action == "list":
        _list(path_named(arguments.folder), arguments.json)
    else:
        _show(arguments)


def _list(folder: Path, as_json: bool) -> None:
    if not folder.is_dir():
        raise UserError(f"{folder}: no such folder; 'probe train TEXT --run {folder / 'NAME'}' makes a run")
    rows: list[tuple[object, ...]] = []
    found = []
    for place in runs_below(folder):
        try:
            status = _status(place)
        except UserError as error:  # one that is damaged must not hide the others
            rows.append((place, None, f"cannot be read: {error}", *[None] * 5))
            found.append({"folder": str(place), "error": str(error)})
            continue
        bits = status.best["bits"] if status.best else None
        rows.append((place, _kind(status), "in training" if status.trainer else status.state, _text(status),
                     _network(status), f"{status.done:.0%}", status.step, bits))
        found.append(_as_json(status))
    if as_json:
        print(json.dumps(found, indent=1))
    elif rows:
        print(table(("run", "of", "state", "text", "network", "done", "steps", "best bits"), rows))
    else:
        print(f"{folder}: holds no run; 'probe train TEXT --run {folder / 'NAME'}' makes one")


def _show(arguments: argparse.Namespace) -> None:
    folder = path_named(arguments.run)
    plot = drawing_named(arguments.plot, "--plot") if arguments.plot else None
    status = _status(folder)
    opened = Run.open(folder) if isinstance(status, RunStatus) else TranslatorRun.open(folder)
    curve = LossCurve.of(opened.log)
    if plot and curve is None:
        raise UserError(f"{folder}: has fewer than two losses logged, too few to draw")
    if arguments.json:
        print(json.dumps(_as_json(status), indent=1))
    else:
        rows = _rows(status)
        width = max(len(name) for name, _ in rows)
        put("\n".join(f"{name:{width}}  {words}" for name, words in rows))
        if curve is not None:
            columns = max(30, min(WIDEST, shutil.get_terminal_size().columns))
            print("\n" + curve.to_terminal(columns, HEIGHT, unicode=_takes("●⣿└")))
    if plot and curve is not None:
        draw(curve.figure(folder.resolve().name), plot)
        if not arguments.json:
            print(f"plot: {plot}")


def _status(folder: Path) -> RunStatus | TranslatorStatus:
    return (TranslatorStatus if kind_of(folder) == TRANSLATOR else RunStatus).of(folder)


def _as_json(status: RunStatus | TranslatorStatus) -> dict[str, Any]:
    return {"of": _kind(status), **status.as_json()}


def _rows(status: RunStatus | TranslatorStatus) -> list[tuple[str, str]]:
    plan = status.training
    patience = f", or {counted(plan.patience, 'validation')} without a better one" if plan.patience else ""
    precision = f" in {status.precision}" if status.precision else ""
    best = status.best
    sittings = f" in {counted(status.sittings, 'sitting')}" if status.sittings else ""
    if isinstance(status, RunStatus):
        of = [("text", f"{_text(status)}, {status.text['characters']:,} characters, {status.vocabulary} distinct"),
              ("network", f"{_network(status)}, dropout {status.network.dropout:g}, input {status.network.input}")]
        epochs, exact = f"{status.epochs:.2f} epochs, ", ""
    else:
        of = [("translates", f"{_text(status)}, {counted(len(status.dates.style_names()), 'style')}, days of "
               f"{status.dates.first_year}–{status.dates.last_year}, {status.characters} characters"),
              ("network", f"{_network(status)} units, embedding {status.network.embedding}, attention "
               f"{status.network.attention}")]
        epochs, exact = "", "" if status.exact is None else f"; {status.exact:.2%} of held-out dates wholly right"
    return [
        ("run", str(status.folder)),
        ("state", _state(status)),
        *of,
        ("plan", f"{budget_words(plan)}{patience}; {status.done:.0%} done"),
        ("trained", f"{counted(status.step, 'step')}, {epochs}{status.seconds:,.0f} s{sittings}"),
        ("kernel", f"{status.kernel}{precision} on {status.device}" if status.kernel else "–"),
        ("best", f"validation {best['nats']:.3f} nats ({best['bits']:.3f} bits a character) at step {best['step']:,}"
         f"{exact}" if best else "no validation yet"),
        ("checkpoints", ", ".join(f"{step:,}" for step in status.checkpoints) or "none"),
        ("versions", ", ".join(f"{name} {version}" for name, version in status.versions.items())),
    ]


def _state(status: RunStatus | TranslatorStatus) -> str:
    if status.trainer:
        return f"in training by {status.trainer}"
    seen = f"; was in training by {status.last_trainer} when last seen" if status.last_trainer else ""
    return f"{status.state}{seen}"


def _kind(status: RunStatus | TranslatorStatus) -> str:
    return "characters" if isinstance(status, RunStatus) else "dates"


def _text(status: RunStatus | TranslatorStatus) -> str:
    if isinstance(status, RunStatus):
        return str(status.text["name"])
    return counted(len(status.dates.locale_names()), "locale")


def _network(status: RunStatus | TranslatorStatus) -> str:
    if isinstance(status, RunStatus):
        return f"{status.network.layers} × {status.network.units}"
    return f"2 × {status.network.units} + {status.network.units}"


def _takes(characters: str) -> bool:
    """Whether standard output can show them."""
    try:
        characters.encode(sys.stdout.encoding or "ascii")
    except UnicodeEncodeError:
        return False
    return True
