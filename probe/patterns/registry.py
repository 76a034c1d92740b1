"""All patterns by name, and the choice a user makes among them."""

from probe.corpus.document import Language
from probe.errors import UserError
from probe.options import named
from probe.patterns import brackets, characters, indentation, lines, python_code, quotes, sentences, words
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
    brackets.InsideBrackets(),
    brackets.BracketDepth(),
    indentation.IndentationDepth(),
    python_code.StringLiteral(),
    python_code.FString(),
    python_code.Docstring(),
    python_code.Comment(),
    python_code.Keyword(),
    python_code.Identifier(),
    python_code.Number(),
    python_code.Operator(),
    python_code.DefinitionLine(),
    python_code.Decorator(),
    python_code.InsideCall(),
)

PATTERNS: dict[str, Pattern] = {entry.name: entry for entry in _ALL}


def pattern_named(name: str) -> Pattern:
    """Return the pattern called ``name``.

    Raises:
        UserError: there is none.
    """
    return named("pattern", name, PATTERNS)


def patterns_for(language: Language) -> tuple[Pattern, ...]:
    """Return all patterns that make sense in ``language``, in the order of the registry."""
    return tuple(entry for entry in PATTERNS.values() if language in entry.languages)


def parse_patterns(names: str, language: Language) -> tuple[Pattern, ...]:
    """Return the patterns that ``names`` asks for, in its order and each once.

    Args:
        names: names parted by commas, or ``"all"`` for every pattern of ``language``.
        language: the language of the text to be labelled.

    Raises:
        UserError: a name is unknown, a pattern makes no sense in ``language``, or nothing is named.
    """
    if names.strip() == "all":
        return patterns_for(language)
    chosen = {name.strip(): pattern_named(name.strip()) for name in names.split(",") if name.strip()}
    if not chosen:
        raise UserError(f"no patterns given; received {names!r}; accepted are names parted by commas, or all")
    for name, entry in chosen.items():
        if language not in entry.languages:
            raise UserError(f"pattern {name!r} is for {' and '.join(entry.languages)}; received a text in {language}")
    return tuple(chosen.values())
