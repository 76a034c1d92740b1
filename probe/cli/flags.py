"""Flags made from options dataclasses, so that no option is written twice."""

import argparse
import dataclasses
import types
import typing
from typing import Any, NoReturn, TypeVar

from probe.errors import UserError
from probe.options import check_options

Options = TypeVar("Options")


class Parser(argparse.ArgumentParser):
    """An argument parser whose complaints are one line and end in exit status 1, as every user error does."""

    def __init__(self, **settings: Any) -> None:
        settings.setdefault("formatter_class", argparse.RawDescriptionHelpFormatter)
        super().__init__(**settings, allow_abbrev=False)

    def error(self, message: str) -> NoReturn:
        raise UserError(f"{message}; see '{self.prog} --help'")


def add_options(parser: argparse.ArgumentParser, options: type, title: str, *, skip: tuple[str, ...] = (),
                defaults: Any = None) -> None:
    """Add a flag for each field of a dataclass of options.

    Args:
        parser: gets a group of flags.
        options: the dataclass.
        title: of the group in the help text.
        skip: fields without a flag here.
        defaults: an instance whose values are named as defaults in the help text.
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
            group.add_argument(flag, type=kind, default=argparse.SUPPRESS, help=words.replace("%", "%%"),
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


def _plain(hint: Any) -> type:
    """``int | None`` → ``int``."""
    if isinstance(hint, types.UnionType):
        return next(kind for kind in typing.get_args(hint) if kind is not type(None))
    return typing.cast(type, hint)


def take_budget(arguments: argparse.Namespace) -> None:
    """Let a budget of training that was asked for replace the epochs of the preset."""
    if {"steps", "minutes", "epochs"} & vars(arguments).keys():
        arguments.epochs = getattr(arguments, "epochs", None)
