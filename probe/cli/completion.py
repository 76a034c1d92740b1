"""Let your shell complete commands, options, their values and files.

  probe completion bash > ~/.local/share/bash-completion/completions/probe
  probe completion zsh > ~/.zfunc/_probe        with "fpath+=~/.zfunc" before "compinit" in ~/.zshrc
  probe completion tcsh > ~/.probe.tcsh         with "source ~/.probe.tcsh" in ~/.tcshrc
"""

import argparse
from collections.abc import Iterator

from probe.cli.commands import COMMANDS, command_named
from probe.cli.flags import Parser, one_of
from probe.corpus.catalogue import catalogue
from probe.patterns import NETWORK_PATTERNS, PATTERNS

SHELLS = ("bash", "zsh", "tcsh")
# Words of the help for which a folder stands, and for which a file does.
FOLDERS, FILES = {"FOLDER", "RUN", "ACTS", "FINDINGS", "STORE"}, {"FILE", "FILE.npy", "FILE.json", "PATH", "MODEL"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("shell", type=one_of("SHELL", SHELLS), metavar="|".join(SHELLS), help="for which shell")


def run(arguments: argparse.Namespace) -> None:
    import shtab

    whole = Parser(prog="probe", description="A microscope for recurrent networks that read text.")
    commands = whole.add_subparsers(dest="command")
    for name, (_, words) in COMMANDS.items():
        command_named(name).add_arguments(commands.add_parser(name, help=words))
    for parser, action in _actions(whole):
        _tell_values(parser, action)
    print(shtab.complete(whole, arguments.shell))


def _actions(parser: Parser) -> Iterator[tuple[Parser, argparse.Action]]:
    """Yield each argument of a parser and of those below it."""
    parser.load()
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for below in action.choices.values():
                yield from _actions(below)
        else:
            yield parser, action


def _tell_values(parser: Parser, action: argparse.Action) -> None:
    """Say what an argument may be, as far as its words in the help tell; this parser will read no line."""
    from shtab import DIRECTORY, FILE

    words = action.metavar.split("|") if isinstance(action.metavar, str) else []
    known = [word for word in words if word.islower()]
    if action.dest == "patterns" or "EXPRESSION" in words:
        known = [*PATTERNS, *NETWORK_PATTERNS]
    elif parser.prog == "probe corpus get" and words == ["NAME"]:
        known = list(catalogue())
    if known:
        action.choices = known
    elif FOLDERS & set(words):
        action.complete = DIRECTORY  # type: ignore[attr-defined]
    elif FILES & set(words) or (words == ["TEXT"] and not action.option_strings):
        action.complete = FILE  # type: ignore[attr-defined]
