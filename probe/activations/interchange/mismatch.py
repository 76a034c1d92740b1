"""Why an array has not as many rows as a text has characters."""

from collections.abc import Iterator

from probe.corpus import Corpus
from probe.errors import UserError

BYTE_ORDER_MARK = "\N{ZERO WIDTH NO-BREAK SPACE}"


def mismatch(rows: int, corpus: Corpus) -> UserError:
    """Return the error for ``rows`` rows brought with a text of another length, with its likely cause."""
    text = corpus.document().text
    cause = next((cause for length, cause in _causes(text) if length == rows), "they are not of this text")
    return UserError(f"{rows:,} rows for a text of {len(text):,} characters: {cause}; accepted is one row a character, "
                     "row t once text[t] was read")


def _causes(text: str) -> Iterator[tuple[int, str]]:
    """Yield what a network may have read instead of ``text``: how many rows that gives, and how to put it right."""
    length = len(text)
    if text.startswith(BYTE_ORDER_MARK):
        yield length - 1, "the text begins with a byte-order mark that the network did not read: give text[1:]"
    ending = len(text) - len(text.rstrip("\r\n"))
    if ending:
        yield length - ending, (f"the text ends with {ending} characters of newline that the network did not read: "
                                f"give text[:-{ending}]")
    yield length - 1, ("the last character was not read, as when a network reads text[:-1] to predict text[1:] (then "
                       "give text[:-1]), or the rows lie on the characters predicted (then say alignment='predicted')")
    yield length + 1, ("one row comes before the first character (then give rows [1:]), or the network read a newline "
                       "or a byte-order mark that this text lacks")
    yield length - text.count("\r\n"), "the network read each \\r\\n as one newline: give text.replace('\\r\\n', '\\n')"
    yield len(text.encode("utf-8", "surrogatepass")), ("as many as it has bytes in UTF-8: the network read bytes; give "
                                                       "spans, the characters of each row, and rows that end one")
    yield len(text.encode("utf-16-le", "surrogatepass")) // 2, ("as many as it has units of UTF-16, where some "
                                                                "characters are two: give spans")
    yield len(text.split()), "as many as it has words: give spans, the characters of each row"
    yield len(text.strip()), "as many as it has without white space around it: give text.strip()"
