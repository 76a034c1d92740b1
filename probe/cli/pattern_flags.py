"""Flags for patterns of the user's own, the same for every command that labels a text."""

import argparse
from collections.abc import Sequence

from probe.cli.texts import path_named
from probe.corpus import Corpus
from probe.errors import UserError
from probe.patterns import GivenLabels, Pattern, RegularExpression, UserFunction, parse_pattern


def add_pattern_flags(parser: argparse.ArgumentParser) -> None:
    """Add ``--regex``, ``--pattern``, ``--labels`` and ``--expression``, each of which may be given several times."""
    group = parser.add_argument_group("patterns of your own")
    for flag, form, words in (
            ("regex", "NAME=EXPRESSION", "what a regular expression matches, or its named groups hold"),
            ("pattern", "[NAME=]MODULE:FUNCTION", "what a function of yours returns for a text: a boolean or number a "
             "character"),
            ("labels", "NAME=FILE", "what a file says: .npy, .csv, .txt or .json, one value a character or spans"),
            ("expression", "NAME=EXPRESSION", "made of others, such as 'inside_quotes & ~whitespace'")):
        group.add_argument(f"--{flag}", action="append", default=[], metavar=form, help=words)


def patterns_from(arguments: argparse.Namespace, corpus: Corpus, kept: Sequence[Pattern] = ()) -> tuple[Pattern, ...]:
    """Return the patterns that the flags describe.

    Args:
        arguments: with the flags of :func:`add_pattern_flags`.
        corpus: the text that labels from files belong to.
        kept: patterns that come with the text, before these.

    Raises:
        UserError: one of them cannot be read, or a name is taken.
    """
    own = list(kept)
    for written in arguments.regex:
        own.append(RegularExpression.of(*_named("--regex NAME=EXPRESSION", written)))
    for written in arguments.pattern:
        name, _, target = written.rpartition("=")
        own.append(UserFunction.of(name, target))
    for written in arguments.labels:
        name, file = _named("--labels NAME=FILE", written)
        own.append(GivenLabels.of(name, path_named(file), len(corpus), corpus.source["sha256"]))
    for written in arguments.expression:
        own.append(parse_pattern("=".join(_named("--expression NAME=EXPRESSION", written)), own))
    return tuple(own)


def _named(form: str, written: str) -> tuple[str, str]:
    name, equals, value = written.partition("=")
    if not name.strip() or not equals or not value.strip():
        raise UserError(f"{form} is the form; received {written!r}")
    return name.strip(), value
