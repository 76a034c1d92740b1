"""Changes to JSON values: other types, sizes and names, which keep the text valid."""

import copy
from random import Random
from typing import Any

STRINGS = ("", " ", "\0", "\n", "\x1b[2J\x1b]0;owned\x07", "\ud800", "\u202eevil", "é\u0301", "0", "-1", "1e999", "nan",
           "True", "None", "__import__('os').system('true')", "os.system", "antigravity", "this", "builtins", "eval",
           "../../secret.txt", "/etc/passwd", "file:///etc/passwd", "..", ".", "/", "a/b", "C:\\x", "con", "*",
           "<script>alert(1)</script>", "{{7*7}}", "%s%n", "${x}", "x" * 5000, "𝟙" * 70, "0" * 64, "best", "hidden",
           "float64", "object", "utf-8\0", "utf_7", "idna", "hex", "Lambda", "uu", "NaN", "1,2", "0.8,0.1,0.1",
           "1/hidden")
VALUES = (None, True, False, 0, 1, -1, 2, 7, 255, 65_536, 1 << 31, (1 << 31) - 1, 1 << 53, 1 << 62, 1 << 63, -(1 << 63),
          1 << 64, 10**30, 10**400, 0.0, -0.0, 0.5, 1.5, -1e-300, 1e300, 5e-324, [], {}, [1], [[]], {"a": 1}, [None],
          [[1, 2]], [0.5], ["x"], {"": []}, [0] * 2000, [[0, 1]] * 300)


def edit_json(value: Any, chance: Random) -> tuple[Any, str]:
    """Return a JSON value with one or a few of its parts changed, and how.

    Args:
        value: which is changed in place.
        chance: draws what is changed.
    """
    holder = [value]
    told = []
    for _ in range(chance.choices([1, 2, 5], [6, 2, 1])[0]):
        told.append(_edit_one(holder, chance))
    return holder[0], "; ".join(told)


def nested(chance: Random) -> Any:
    """Return a value of a great depth."""
    made: Any = 1
    for _ in range(chance.choice([20, 200, 900])):
        made = [made] if chance.random() < 0.5 else {"a": made}
    return made


def _edit_one(holder: list[Any], chance: Random) -> str:
    places = list(_places(holder, ""))
    # Strings and lists have many parts of one kind: what is near the root is as likely as all that is below.
    shallow = [each for each in places if each[2].count("/") <= chance.randint(1, 4)]
    parent, key, where = chance.choice(shallow or places)
    old = parent[key]
    match chance.choices(["value", "near", "remove", "add", "rename", "copy", "deep"], [8, 8, 3, 3, 1, 3, 0.5])[0]:
        case "value":
            parent[key] = chance.choice(VALUES + STRINGS)
        case "near":
            parent[key] = _near(old, chance)
        case "remove" if parent is not holder:
            del parent[key]
            return f"{where} removed"
        case "add" if isinstance(old, list):
            old.insert(chance.randint(0, len(old)), chance.choice([*VALUES, *STRINGS, *old]))
            return f"{where} has one more"
        case "add" if isinstance(old, dict):
            old[chance.choice(STRINGS)] = chance.choice([*VALUES, *STRINGS])
            return f"{where} has a strange key"
        case "rename" if isinstance(parent, dict):
            parent[str(key) + chance.choice(["", "x", "\0", " "])] = parent.pop(key)
            return f"{where} renamed"
        case "deep":
            parent[key] = nested(chance)
            return f"{where} is deep"
        case _:
            parent[key] = copy.deepcopy(_any(places, chance))
    return f"{where}: {_shown(old)} is {_shown(parent[key])}"


def _any(places: list[tuple[Any, Any, str]], chance: Random) -> Any:
    parent, key, _ = chance.choice(places)
    return parent[key]


def _near(old: Any, chance: Random) -> Any:
    """A value like the one that is there."""
    if isinstance(old, bool) or old is None:
        return not old
    if isinstance(old, int):
        return chance.choice([old + 1, old - 1, -old, old * 2, old // 2, old + 0.5, float(old), str(old), old + 256])
    if isinstance(old, float):
        return chance.choice([-old, old * 1e6, old + 1, int(old), 0.0, old * 1e-6, str(old), None])
    if isinstance(old, str):
        at = chance.randrange(len(old) + 1)
        return chance.choice([old[:at], old[at:], old + old, old.upper(), old[::-1], old + "x",
                              old[:at] + chance.choice(STRINGS) + old[at:], [old], old.swapcase()])
    if isinstance(old, list):
        return chance.choice([old[1:], old[:-1], old + old, old[::-1], old[:1], [old], dict(enumerate(map(str, old))),
                              sorted(old, key=repr)])
    if isinstance(old, tuple):
        return list(old)
    return chance.choice([dict(list(old.items())[1:]), list(map(list, old.items())), list(old), {**old, "x": 1}, [old]])


def _places(value: Any, where: str) -> Any:
    """Each part of a value, as its holder, its key there and its name, down to a bounded number."""
    waiting: list[tuple[Any, str]] = [(value, where)]
    count = 0
    while waiting and count < 20_000:
        inner, name = waiting.pop()
        keys = range(len(inner)) if isinstance(inner, list) else list(inner)
        for key in list(keys)[:400]:
            count += 1
            yield inner, key, f"{name}/{key}"
            if isinstance(inner[key], list | dict):
                waiting.append((inner[key], f"{name}/{key}"))


def _shown(value: Any) -> str:
    try:
        words = repr(value)
    except (RecursionError, ValueError):
        words = "what cannot be printed"
    return words if len(words) <= 60 else words[:60] + "…"
