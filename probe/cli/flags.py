"""Flags made from options dataclasses, so that no option is written twice."""

import argparse
import dataclasses
import types
import typing
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NoReturn, TypeVar

from probe.errors import UserError
from probe.options import LARGEST_WHOLE, check_options, check_value

Options = TypeVar("Options")


class Parser(argparse.ArgumentParser):
    """An argument parser whose complaints are one line and end in exit status 1, as every user error does."""

    def __init__(self, **settings: Any) -> None:
        settings.setdefault("formatter_class", argparse.RawDescriptionHelpFormatter)
        super().__init__(**settings, allow_abbrev=False)

    def parse_known_args(self, *given: Any, **named: Any) -> Any:
        """Refuse an empty value too: it is the slip of a script, as in ``--out "$OUT"``, and would else be taken for
        none at all. (Of ``--out=--`` argparse itself makes an empty list.)"""
        parsed, rest = super().parse_known_args(*given, **named)
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

    def error(self, message: str) -> NoReturn:
        raise UserError(f"{message}; see '{self.prog} --help'")


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
            raise UserError(f"{flag} must be one of {', '.join(accepted)}; received {written!r:.300}")
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
