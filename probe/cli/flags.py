"""Flags made from options dataclasses, so that no option is written twice."""

import argparse
import dataclasses
import re
import types
import typing
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NoReturn, TypeVar

from probe.errors import UserError, quoted
from probe.options import LARGEST_WHOLE, check_options, check_value, did_you_mean

Options = TypeVar("Options")


class Parser(argparse.ArgumentParser):
    """An argument parser whose complaints are one line and end in exit status 1, as every user error does."""

    def __init__(self, **settings: Any) -> None:
        settings.setdefault("formatter_class", argparse.RawDescriptionHelpFormatter)
        super().__init__(**settings, allow_abbrev=False)

    def parse_known_args(self, *given: Any, **named: Any) -> Any:
        """Take a word that may be left out behind options too, as in ``show RUN --unit 1:2 TEXT``, which argparse does
        not; and refuse an empty value: it is the slip of a script, as in ``--out "$OUT"``, and would else be taken for
        none at all. (Of ``--out=--`` argparse itself makes an empty list.)"""
        parsed, rest = super().parse_known_args(*given, **named)
        late = [action for action in self._actions if action.nargs == argparse.OPTIONAL and not action.option_strings
                and getattr(parsed, action.dest, None) == action.default]
        if len(late) == len(rest) == 1 and not rest[0].startswith("-"):
            setattr(parsed, late[0].dest, rest.pop())
        for action in self._actions:
            value = getattr(parsed, action.dest, None)
            if value == "" != action.default or (action.nargs is None and value != action.default
                                                 and (value == [] or (isinstance(value, list) and [] in value))):
                flag = action.option_strings[-1] if action.option_strings else action.metavar
                self.error(f"{flag} must have at least one character; received none")
        return parsed, rest

    def load(self) -> None:
        """Add what is only added when it is asked for; most parsers have all from the beginning."""

    def print_help(self, file: Any = None) -> None:
        """Print the help; an output that does not take it is an error, as of any command: argparse passes it over."""
        print(self.format_help(), end="", file=file, flush=True)

    def parse_args(self, *given: Any, **named: Any) -> Any:
        """Tell a word that is none of the parser's with the one that was meant."""
        parsed, rest = self.parse_known_args(*given, **named)
        if rest:
            self.error(f"unrecognized arguments: {' '.join(rest)}"
                       f"{did_you_mean(rest[0].partition('=')[0], _flags_of(self))}")
        return parsed

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        if action.choices is not None and value not in action.choices:
            near = did_you_mean(str(value), action.choices) or f"; accepted are {', '.join(action.choices)}"
            self.error(f"no action is called {quoted(str(value))}{near}")

    def error(self, message: str) -> NoReturn:
        raise UserError(f"{message}{' See' if message.endswith('?') else '; see'} '{self.prog} --help'")


def add_action(actions: Any, name: str, words: str, command: str | None) -> Parser:
    """Return the parser of an action of a command, whose help repeats the action's lines of the command's own.

    Args:
        actions: what ``add_subparsers`` returned.
        name: of the action.
        words: a line of help.
        command: the help of the command, with examples.
    """
    examples = [line for line in (command or "").splitlines() if re.match(rf"  probe \S+ {name}\b", line)]
    made: Parser = actions.add_parser(name, help=words, description="\n".join(
        [f"{words[0].upper()}{words[1:]}.", "", *examples]))
    return made


def _flags_of(parser: argparse.ArgumentParser) -> Iterator[str]:
    """The options of a parser, and of the actions below it."""
    for action in parser._actions:
        yield from action.option_strings
        if isinstance(action, argparse._SubParsersAction):
            for below in action.choices.values():
                yield from _flags_of(below)


def add_options(parser: argparse.ArgumentParser, options: type, title: str, *, skip: tuple[str, ...] = (),
                defaults: Any = None, readers: Mapping[str, Callable[[str], Any]] = {}) -> None:
    """Add a flag for each field of a dataclass of options, whose bounds are looked at while the flags are read: what
    the command does not need this time is not passed over either.

    Args:
        parser: gets a group of flags.
        options: the dataclass.
        title: of the group in the help text.
        skip: fields without a flag here.
        defaults: an instance whose values are named as defaults in the help text.
        readers: field → what makes its value of what was written, where that can say more than its bounds.
    """
    group = parser.add_argument_group(title)
    hints = typing.get_type_hints(options)
    for field in dataclasses.fields(options):
        if field.name in skip:
            continue
        default = getattr(defaults, field.name) if defaults is not None else field.default
        kind = _plain(hints[field.name])
        words = field.metadata["help"] + ("" if default is None or kind is bool else f" [{default}]")
        flag = "--" + field.name.replace("_", "-")
        if kind is bool:
            group.add_argument(flag, action=argparse.BooleanOptionalAction, default=argparse.SUPPRESS, help=words)
        else:
            metavar = "|".join(field.metadata["choices"]) if "choices" in field.metadata else kind.__name__.upper()
            reader = readers.get(field.name) or _reader(field.name, kind, field.metadata)
            group.add_argument(flag, type=reader, default=argparse.SUPPRESS, help=words.replace("%", "%%"),
                               metavar=metavar)


def options_from(arguments: argparse.Namespace, defaults: Options) -> Options:
    """Return ``defaults`` with the values given on the command line.

    Raises:
        UserError: a value lies outside its declared bounds.
    """
    names = {field.name for field in dataclasses.fields(defaults)}  # type: ignore[arg-type]
    given = {name: value for name, value in vars(arguments).items() if name in names}
    options = dataclasses.replace(defaults, **given)  # type: ignore[type-var]
    check_options(options)
    return options


def whole(written: str) -> int:
    """Return the number that digits say, as the ``type`` of a flag.

    Raises:
        ValueError: they are none, or say one beyond 64 bits.
    """
    number: int = _number(written, int)
    if abs(number) > LARGEST_WHOLE:
        raise ValueError(written)
    return number


whole.__name__ = "int"  # as argparse calls it in its complaints


def one_of(flag: str, accepted: Sequence[str]) -> Callable[[str], str]:
    """Return the ``type`` of a flag that takes certain words alone.

    Args:
        flag: its name, for the message.
        accepted: the words.
    """
    def read(written: str) -> str:
        if written not in accepted:
            raise UserError(f"{flag} must be one of {', '.join(accepted)}; received {written!r:.300}"
                            f"{did_you_mean(written, accepted)}")
        return written

    return read


def _number(written: str, kind: type) -> Any:
    """``int("٣")`` and ``float("1_0")`` are numbers to Python, and slips of whoever types them."""
    if not written.isascii() or "_" in written:
        raise ValueError(written)
    return kind(written)


def _reader(name: str, kind: type, declared: Mapping[str, Any]) -> Callable[[str], Any]:
    """What makes a value of a field of what was written."""
    def read(written: str) -> Any:
        value = written if kind is str else _number(written, kind)
        check_value(name, value, kind, declared)
        return value

    read.__name__ = kind.__name__
    return read


def _plain(hint: Any) -> type:
    """``int | None`` → ``int``."""
    if isinstance(hint, types.UnionType):
        return next(kind for kind in typing.get_args(hint) if kind is not type(None))
    return typing.cast(type, hint)


def take_budget(arguments: argparse.Namespace) -> None:
    """Let a budget of training that was asked for replace the epochs of the preset."""
    if {"steps", "minutes", "epochs"} & vars(arguments).keys():
        arguments.epochs = getattr(arguments, "epochs", None)
