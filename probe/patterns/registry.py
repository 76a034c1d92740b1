"""All patterns by name, and the choice a user makes among them."""

import re
from collections.abc import Mapping, Sequence

from probe.corpus.document import Language
from probe.errors import UserError, quoted
from probe.patterns import (
    addresses,
    brackets,
    characters,
    indentation,
    lines,
    python_code,
    quotes,
    sentences,
    signs,
    words,
)
from probe.patterns.expression_parser import parse_expression
from probe.patterns.naming import check_name, pattern_among, with_own
from probe.patterns.network import NETWORK_PATTERNS, NetworkPattern
from probe.patterns.pattern import Pattern

_ALL: tuple[Pattern, ...] = (
    quotes.InsideQuotes(),
    quotes.InsideDoubleQuotes(),
    quotes.InsideSingleQuotes(),
    quotes.QuoteDepth(),
    quotes.OpeningQuote(),
    quotes.ClosingQuote(),
    quotes.AfterQuote(),
    words.WordStart(),
    words.WordEnd(),
    words.PositionInWord(),
    words.WordLength(),
    words.CapitalisedWord(),
    words.AllCapsWord(),
    sentences.SentenceStart(),
    sentences.PositionInSentence(),
    lines.LineStart(),
    lines.LineEnd(),
    lines.FirstWordOfLine(),
    lines.LastWordOfLine(),
    lines.BlankLine(),
    lines.Column(),
    lines.ParagraphStart(),
    characters.Newline(),
    characters.Whitespace(),
    characters.Letter(),
    characters.UpperCase(),
    characters.LowerCase(),
    characters.Vowel(),
    characters.Consonant(),
    characters.Digit(),
    characters.Punctuation(),
    characters.Symbol(),
    characters.DoubleLetter(),
    signs.Space(),
    signs.Comma(),
    signs.FullStop(),
    signs.QuestionMark(),
    signs.ExclamationMark(),
    signs.Dash(),
    signs.Apostrophe(),
    brackets.InsideBrackets(),
    brackets.BracketDepth(),
    indentation.IndentationDepth(),
    addresses.Url(),
    python_code.StringLiteral(),
    python_code.FString(),
    python_code.Docstring(),
    python_code.Comment(),
    python_code.Keyword(),
    python_code.Identifier(),
    python_code.SelfName(),
    python_code.DunderName(),
    python_code.Number(),
    python_code.Operator(),
    python_code.DefinitionLine(),
    python_code.Decorator(),
    python_code.ImportStatement(),
    python_code.InsideCall(),
)

PATTERNS: dict[str, Pattern] = {entry.name: entry for entry in _ALL}
"""All built-in patterns of texts by name."""

_NAMED = re.compile(r"\s*(\w+)\s*=(?!=)(.*)", re.DOTALL)
_QUOTED = re.compile(r"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'")


def pattern_named(name: str) -> Pattern:
    """Return the built-in pattern called ``name``.

    Raises:
        UserError: there is none.
    """
    return pattern_among(name, PATTERNS)


def patterns_for(language: Language) -> tuple[Pattern, ...]:
    """Return all built-in patterns that make sense in ``language``, in the order of the registry."""
    return tuple(entry for entry in PATTERNS.values() if language in entry.languages)


def parse_pattern(written: str, own: Sequence[Pattern] = ()) -> Pattern:
    """Return the pattern that a name, an expression or ``NAME=EXPRESSION`` stands for.

    Args:
        written: for example ``"inside_quotes"``, or ``"shouting=all_caps_word & inside_quotes"``.
        own: patterns that may be named beside the built-in ones.

    Raises:
        UserError: it cannot be read, or a name is unknown or taken.
    """
    return _parsed(written.strip(), with_own({**PATTERNS, **NETWORK_PATTERNS}, own))


def parse_patterns(names: str, language: Language, own: Sequence[Pattern] = (), *,
                   network: Sequence[NetworkPattern] = ()) -> tuple[Pattern, ...]:
    """Return the patterns that ``names`` asks for, in its order and each once.

    Args:
        names: names, expressions and ``NAME=EXPRESSION`` parted by commas; ``all`` stands for every pattern of
            ``language``, all of ``own`` and all of ``network``. A later expression may use an earlier one's name.
        language: the language of the text to be labelled.
        own: the user's own patterns, which may be named; they come along, named or not.
        network: patterns of the network itself that can be labelled here, for :class:`NetworkLabels`.

    Raises:
        UserError: an expression cannot be read, a name is unknown or taken, a pattern makes no sense in ``language``,
            or nothing is named.
    """
    known = with_own({**PATTERNS, **NETWORK_PATTERNS}, own)
    chosen: dict[str, Pattern] = {}
    for written in _parted(names):
        if written == "all":
            chosen |= {entry.name: entry for entry in (*patterns_for(language), *own, *network)}
            continue
        entry = _parsed(written, known)
        if isinstance(entry, NetworkPattern) and entry not in network:
            raise UserError(f"pattern {entry.name!r} is about a network that reads, and cannot be labelled here")
        known.setdefault(entry.name, entry)
        chosen[entry.name] = entry
    if not chosen:
        raise UserError(f"no patterns given; received {quoted(names)}; accepted are names and expressions parted by "
                        "commas, or all")
    chosen |= {entry.name: entry for entry in own}
    for name, entry in chosen.items():
        if language not in entry.languages:
            raise UserError(f"pattern {quoted(name)} is for {' and '.join(entry.languages)}; received a text in "
                            f"{language}")
    return tuple(chosen.values())


def _parsed(written: str, known: Mapping[str, Pattern]) -> Pattern:
    if named := _NAMED.fullmatch(written):
        check_name(named[1], known)
        return parse_expression(named[2], known, named[1])
    return pattern_among(written, known) if written.isidentifier() else parse_expression(written, known)


def _parted(names: str) -> list[str]:
    """Part at the commas that stand in no brackets or quotes."""
    shadow = _QUOTED.sub(lambda match: "_" * len(match[0]), names)
    parts, start, depth = [], 0, 0
    for place, character in enumerate(shadow + ","):
        depth += (character == "(") - (character == ")")
        if character == "," and (depth <= 0 or place == len(names)):
            parts.append(names[start:place].strip())
            start = place + 1
    return [part for part in parts if part]
