"""A network that reads dates as people write them, and what it looks at while it does.

  probe dates translate "5th November 2016" "Nov 5, 16" "samedi 5 novembre 2016"
  probe dates map "Saturday 5 November 2016" --out map.html
  probe dates train --run runs/dates --preset english
  probe dates examples --preset languages
"""

import argparse
from importlib import import_module
from typing import Any

from probe.cli.flags import Parser

# name → (module, one line of help)
ACTIONS = {
    "examples": ("dates_examples", "show dates as they are written, what they mean, and how often anybody could tell"),
    "train": ("dates_train", "train a translator; the same line again goes on where it stopped"),
    "translate": ("dates_translate", "say what dates mean, and with what doubt"),
    "map": ("dates_map", "show what was read for each character that was put out"),
    "record": ("dates_record", "record what its units do while it reads and writes, for a scan"),
    "test": ("dates_test", "measure a translator on days that it never saw"),
    "diagnose": ("dates_diagnose", "measure what it does with weekdays, and with fields out of order"),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="|".join(ACTIONS), parser_class=_Late)
    for name, (module, words) in ACTIONS.items():
        actions.add_parser(name, help=words, module=module)


def run(arguments: argparse.Namespace) -> int | None:
    return arguments.run_action(arguments)


class _Late(Parser):
    """A parser that imports its command when it is the one that is asked for."""

    def __init__(self, *, module: str, **settings: Any) -> None:
        super().__init__(**settings)
        self._module: str | None = module

    def load(self) -> None:
        """Import the command, once."""
        if self._module is not None:
            command, self._module = import_module(f"probe.cli.{self._module}"), None
            self.description = command.__doc__
            command.add_arguments(self)
            self.set_defaults(run_action=command.run)

    def parse_known_args(self, *given: Any, **named: Any) -> Any:
        self.load()
        return super().parse_known_args(*given, **named)
