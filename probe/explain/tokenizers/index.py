"""Which token has which id, read from a file."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from probe.errors import UserError
from probe.files import read_json, read_text

FORMS = 'JSON: {"the": 1, …} of tokens and ids, {"1": "the", …} of ids and tokens, or a list of tokens in the order ' \
        "of their ids; or text: a token a line, the first one with the id 0"


def read_index(path: str | Path) -> dict[str, int]:
    """Return token → id from a file that ends in ``.json``, or from one with a token a line.

    Raises:
        UserError: it is unreadable or of none of these forms, or gives a token two ids.
    """
    path = Path(path)
    if path.suffix.lower() == ".json":
        return _from_json(read_json(path), str(path))
    lines = read_text(path).split("\n")
    return _numbered([line.removesuffix("\r") for line in (lines[:-1] if not lines[-1] else lines)], str(path))


def _from_json(value: Any, name: str) -> dict[str, int]:
    if isinstance(value, list) and all(isinstance(token, str) for token in value):
        return _numbered(value, name)
    if isinstance(value, Mapping) and value:
        if all(_is_whole(number) for number in value.values()):
            return dict(value)
        if all(isinstance(token, str) and id.isascii() and id.isdecimal() and len(id) < 10
               for id, token in value.items()):
            return _inverted({int(id): token for id, token in value.items()}, name)
    raise UserError(f"{name}: must be {FORMS}; received {value!r:.60}")


def _numbered(tokens: list[str], name: str) -> dict[str, int]:
    return _inverted(dict(enumerate(tokens)), name)


def _inverted(tokens: Mapping[int, str], name: str) -> dict[str, int]:
    ids = {token: id for id, token in tokens.items()}
    if len(ids) < len(tokens):
        twice = next(token for id, token in tokens.items() if ids[token] != id)
        raise UserError(f"{name}: gives {twice!r:.40} two ids")
    return ids


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
