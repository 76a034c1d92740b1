"""Where findings come from, as a list."""

from collections.abc import Iterator, Mapping
from typing import Any

from probe.gallery.wording import words


def listed(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """Yield nested JSON values as pairs of a name in words and a text."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from listed(inner, f"{name} · {words(str(key))}" if name else words(str(key)))
    elif isinstance(value, list | tuple):
        yield name, ", ".join(str(inner) for inner in value) or "none"
    elif value is not None:
        yield name, f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)
