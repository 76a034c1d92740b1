"""Changes to files of arrays, of which the format stays readable: safetensors and npy."""

import json
import struct
from pathlib import Path
from random import Random

from benchmarks.fuzzing.json_edits import edit_json

DTYPES = ("F16", "F32", "F64", "BF16", "I8", "I64", "U8", "U64", "BOOL", "F8_E4M3", "C64", "x", "", None)
SHAPES = ([], [0], [1], [-1], [1 << 40, 1 << 40], [1 << 62, 4], [1.5], ["3"], [3, 0, 3], None, [1] * 100)
NUMBERS = (0x7FC00000, 0x7F800000, 0xFF800000, 0x7F7FFFFF, 0x00000001, 0x80000000, 0xFFFFFFFF)
NPY = ("{'descr': %s, 'fortran_order': %s, 'shape': %s, }")


def edit_bundle(path: Path, chance: Random) -> str:
    """Change the header or the numbers of a safetensors file."""
    content = path.read_bytes()
    (size,) = struct.unpack("<Q", content[:8])
    header, body = json.loads(content[8:8 + size]), bytearray(content[8 + size:])
    names = [name for name in header if name != "__metadata__"]
    name = chance.choice(names)
    entry = header[name]
    match chance.choice(["numbers", "dtype", "shape", "offsets", "remove", "rename", "metadata", "any", "reshape",
                         "swap"]):
        case "numbers" if body:
            at = chance.randrange(len(body)) & ~3
            body[at:at + 4] = struct.pack("<I", chance.choice(NUMBERS))
            told = f"a number at {at:,} of the arrays is strange"
        case "dtype":
            entry["dtype"] = chance.choice(DTYPES)
            told = f"{name} is of {entry['dtype']}"
        case "shape":
            entry["shape"] = chance.choice(SHAPES)
            told = f"{name} has the shape {str(entry['shape'])[:60]}"
        case "offsets":
            entry["data_offsets"] = chance.choice([[0, 0], [0, 1 << 60], [len(body), 0], [-1, 4], [0, len(body)], [],
                                                   "x"])
            told = f"{name} lies at {entry['data_offsets']}"
        case "remove":
            # What comes behind moves to the front, so that the file stays whole.
            first, last = header.pop(name)["data_offsets"]
            del body[first:last]
            for other in names:
                if other in header and header[other]["data_offsets"][0] >= last:
                    header[other]["data_offsets"] = [end - (last - first) for end in header[other]["data_offsets"]]
            told = f"{name} is missing"
        case "rename":
            header[name + chance.choice(["x", "/", "\0", "\n", "é"])] = header.pop(name)
            told = f"{name} is renamed"
        case "metadata":
            header["__metadata__"] = chance.choice([{"x": "y"}, {"x": 1}, [], None, {"x": "y" * 10_000}])
            told = "it has metadata"
        case "reshape":
            shape = entry["shape"]
            entry["shape"] = chance.choice([shape[::-1], [*shape, 1], [1, *shape], shape[:-1] and [
                shape[0] * (shape[-1] if len(shape) > 1 else 1), *shape[1:-1]]])
            told = f"{name} has the shape {entry['shape']}"
        case "swap":
            other = chance.choice(names)
            header[name], header[other] = header[other], header[name]
            told = f"{name} and {other} have changed places"
        case _:
            header, told = edit_json(header, chance)
    raw = json.dumps(header).encode("utf-8", "surrogatepass")
    raw += b" " * (-len(raw) % 8)
    path.write_bytes(struct.pack("<Q", len(raw)) + raw + bytes(body))
    return told


def edit_npy(path: Path, chance: Random) -> str:
    """Change the header or the numbers of an npy file."""
    content = path.read_bytes()
    size = 10 + struct.unpack("<H", content[8:10])[0]
    fields, body = content[10:size].decode("latin-1"), bytearray(content[size:])
    match chance.choice(["numbers", "descr", "shape", "order", "header"]):
        case "numbers" if body:
            at = chance.randrange(len(body))
            body[at:at + 4] = struct.pack("<I", chance.choice(NUMBERS))[:len(body) - at]
            return _npy(path, fields, body, f"a number at {at:,} is strange")
        case "descr":
            descr = chance.choice(["'<f8'", "'<f4'", "'|O'", "'<U9'", "'|V8'", "'<M8[s]'", "[('a', '<f4')]", "'<c8'",
                                   "'>i2'", "'|b1'", "''", "'x'", "None", "3", "'|S0'", "('<f4', (2, 2))",
                                   "__import__('os')"])
            return _npy(path, _with(fields, "'descr': ", descr), body, f"is of {descr}")
        case "shape":
            shape = chance.choice(["()", "(0,)", "(-1,)", "(1,)", "(1099511627776,)", f"({10**30},)", "(3.5,)",
                                   "('a',)", "[3]", "None", "(1, 1200)", "(1200, 1)", "(True,)", f"({len(body)},)",
                                   "(2, 0, 3)"])
            return _npy(path, _with(fields, "'shape': ", shape), body, f"has the shape {shape}")
        case "order":
            order = chance.choice(["True", "1", "None"])
            return _npy(path, _with(fields, "'fortran_order': ", order), body, f"has the order {order}")
    made = chance.choice(["{", "{}", "[]", "(" * 3000, "{'descr': '<f4'}", fields * 3, "open('/etc/passwd')", "\0" * 50,
                          "{'descr': '<f4', 'fortran_order': False, 'shape': (3,), 'x': 1}", "9" * 9999,
                          "lambda: 0", "f'{1}'", "{'descr': '<f4', 'fortran_order': False, 'shape': (1L,), }"])
    return _npy(path, made, body, f"has the header {made[:30]}")


def _npy(path: Path, fields: str, body: bytearray, told: str) -> str:
    raw = fields.rstrip().ljust(118).encode("latin-1", "replace") + b"\n"
    path.write_bytes(b"\x93NUMPY\x01\x00" + struct.pack("<H", min(len(raw), 65_535)) + raw + bytes(body))
    return told


def _with(fields: str, key: str, value: str) -> str:
    """A header with another value, which in numpy's own order ends at the next key or at the brace."""
    before, _, after = fields.partition(key)
    ends = [after.find(each) for each in (", '", ", }") if each in after]
    return before + key + value + (after[min(ends):] if ends else ", }")
