"""Changes to lines and words of a text that people or programs write: TOML, YAML, JSON lines, tables, dictionaries."""

import json
from pathlib import Path
from random import Random

from benchmarks.fuzzing.json_edits import STRINGS, edit_json

WORDS = ("", "\0", "-1", "0", "9" * 5000, "1e400", "nan", "inf", "[", "[[", "{", "}", "'", '"', '"""', "#", "=", ": ",
         "&a", "*a", "!!python/object/apply:os.system [true]", "<<", "---", "\t", "\r", "\x0b", "\u2028", "\ud800",
         "\ufeff",
         "true", "1979-05-27", "0x_", "~", "|", ">", "%TAG", "../../secret.txt", "/etc/passwd", "x" * 10_000)


def edit_text(path: Path, chance: Random) -> str:
    """Change lines or words of a file."""
    lines = path.read_bytes().decode("utf-8", "surrogateescape").split("\n")
    at = chance.randrange(len(lines))
    match chance.choice(["word", "word", "word", "drop", "twice", "swap", "join", "many", "string"]):
        case "word":
            words = lines[at].split(" ")
            place = chance.randrange(len(words))
            words[place] = chance.choice(WORDS)
            lines[at] = " ".join(words)
            told = f"word {place} of line {at} is {words[place][:20]!r}"
        case "string":
            cut = chance.randrange(len(lines[at]) + 1)
            lines[at] = lines[at][:cut] + chance.choice(STRINGS) + lines[at][cut:]
            told = f"line {at} has a string in it"
        case "drop":
            del lines[at]
            told = f"line {at} is missing"
        case "twice":
            lines.insert(chance.randrange(len(lines) + 1), lines[at])
            told = f"line {at} is there twice"
        case "swap":
            other = chance.randrange(len(lines))
            lines[at], lines[other] = lines[other], lines[at]
            told = f"lines {at} and {other} have changed places"
        case "join":
            lines[at:at + 2] = ["".join(lines[at:at + 2])]
            told = f"lines {at} and {at + 1} are one"
        case _:
            lines[at:at + 1] = [lines[at]] * 2000
            told = f"line {at} is there 2,000 times"
    path.write_bytes("\n".join(lines).encode("utf-8", "surrogatepass" if chance.random() < 0.5 else "replace"))
    return told


def edit_json_file(path: Path, chance: Random) -> str:
    """Change the value in a JSON file."""
    value, told = edit_json(json.loads(path.read_bytes()), chance)
    path.write_text(json.dumps(value, ensure_ascii=chance.random() < 0.8), encoding="utf-8", errors="surrogatepass")
    return told


def edit_json_lines(path: Path, chance: Random) -> str:
    """Change the value in one line of a file of JSON lines."""
    lines = path.read_bytes().split(b"\n")
    at = chance.choice([place for place, line in enumerate(lines) if line])
    value, told = edit_json(json.loads(lines[at]), chance)
    lines[at] = json.dumps(value).encode()
    path.write_bytes(b"\n".join(lines))
    return f"line {at}: {told}"
