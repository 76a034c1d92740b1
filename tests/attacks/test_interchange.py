"""Hostile activations given to 'probe import': each ends in one line and status 1, soon, with nothing written."""

import io
import re
import struct
import zipfile
import zlib

import h5py
import numpy as np
import pytest

from probe.activations import Store
from probe.cli.main import main
from probe.errors import UserError
from tests.activations.test_interchange_lstmvis import CONFIG, others, project
from tests.activations.test_interchange_recorded import TEXT, N, numbers


class Trap:
    """What a pickle would run."""

    def __reduce__(self):
        return exec, ("raise SystemExit('a pickle was loaded')",)


def header(shape, descr="<f4", version=1, fortran=False):
    fields = f"{{'descr': {descr!r}, 'fortran_order': {fortran}, 'shape': {shape}, }}".encode()
    size = fields.ljust(117) + b"\n"
    return b"\x93NUMPY" + bytes([version, 0]) + struct.pack("<H" if version == 1 else "<I", len(size)) + size


def npy(array):
    file = io.BytesIO()
    np.save(file, array, allow_pickle=True)
    return file.getvalue()


def npz(members, compression=zipfile.ZIP_STORED):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


def encrypted():
    content = bytearray(npz({"a.npy": npy(numbers())}))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.find(signature) + offset] |= 1
    return bytes(content)


def lying(member=b"PK\x01\x02", at=24, value=1 << 31):
    """An archive whose directory says another size than its member has."""
    content = bytearray(npz({"a.npy": npy(numbers())}))
    place = content.find(member) + at
    content[place:place + 4] = struct.pack("<I", value)
    return bytes(content)


def bombs(count, columns):
    """Zeros, packed."""
    return npz({f"a{k}.npy": npy(np.zeros((N, columns), np.float32)) for k in range(count)}, zipfile.ZIP_DEFLATED)


PICKLED, BOMBED = "pickled objects, which could run", "unfolds to .* bytes; at most 64 times"
ARRAYS = {
    "a pickle": ("a.npy", npy(np.array([Trap()], object)), "not a readable array"),
    "a pickle of another version": ("a.npy", b"\x80\x04" + b"N." * 9, "not a readable array"),
    "an array of terabytes": ("a.npy", header((N, 1 << 40)) + bytes(99), "not a readable array"),
    "an array of no bytes": ("a.npy", header((N, 5)), "not a readable array"),
    "a negative shape": ("a.npy", header((-N, -5)) + bytes(20 * N), "not a readable array|shape"),
    "a shape beyond all numbers": ("a.npy", header((10**400, 5)) + bytes(99), "not a readable array"),
    "a shape of text": ("a.npy", header(("a", 5)) + bytes(99), "not a readable array"),
    "code for a header": ("a.npy", header("__import__('os').abort()") + bytes(99), "not a readable array"),
    "a deep header": ("a.npy", header("(" * 5000) + bytes(99), "not a readable array"),
    "records": ("a.npy", npy(np.zeros((N, 2), [("a", "f4")])), "floats or whole numbers are needed"),
    "dates": ("a.npy", npy(np.zeros((N, 2), "M8[s]")), "floats or whole numbers are needed"),
    "not finite": ("a.npy", npy(np.full((N, 2), np.nan)), "activations must be finite"),
    "no archive": ("a.npz", b"PK\x03\x04" + bytes(99), "not a readable .npz archive"),
    "an empty archive": ("a.npz", npz({}), "no activations were given"),
    "a text in the archive": ("a.npz", npz({"readme.txt": b"hello"}), "readme.txt: not a readable array"),
    "a pickle in an archive": ("a.npz", npz({"a.npy": npy(np.array([Trap()], object))}), PICKLED),
    "a pickle in the packed archive": ("a.npz", npz({"a.npy": npy(np.array([Trap()], object))}, zipfile.ZIP_DEFLATED),
                                       PICKLED),
    "a bomb": ("a.npz", lambda: bombs(1, 1 << 13), BOMBED),
    "many small bombs": ("a.npz", lambda: bombs(6, 1 << 11), BOMBED),
    "terabytes in the archive": ("a.npz", npz({"a.npy": header((N, 1 << 40)) + bytes(99)}), "declares the shape"),
    "a negative shape in an archive": ("a.npz", npz({"a.npy": header((-N, -5)) + bytes(20 * N)}),
                                       "declares a shape that no array has"),
    "a shape that cannot be printed": ("a.npz", npz({"a.npy": header(f"(0x{'f' * 4000}, 5)") + bytes(99)}),
                                       "declares a shape that no array has"),
    "a shape of text in the archive": ("a.npz", npz({"a.npy": header(("a", 5)) + bytes(99)}), "not a readable array"),
    "code for a header in the archive": ("a.npz", npz({"a.npy": header("__import__('os').abort()")}),
                                         "not a readable array"),
    "a member twice the size": ("a.npz", lying(), "declares the shape"),
    "a member beyond the end": ("a.npz", lying(at=42, value=1 << 30), "not a readable"),
    "an encrypted member": ("a.npz", encrypted(), "not a readable array"),
    "a member that leaves the folder": ("a.npz", npz({"../../etc/x.npy": npy(np.ones((3, 3)))}), "3 rows for a text"),
    "a name that drives the terminal": ("a.npz", npz({"\x1b[2J.npy": npy(numbers())}), "printable characters"),
    "units of text": ("a.npz", npz({"a.npy": npy(numbers()), "a/units.npy": npy(np.array(["x"] * 5))}),
                      "must be whole numbers"),
    "units of nothing": ("a.npz", npz({"a.npy": npy(numbers()), "b/units.npy": npy(np.arange(5))}),
                         "of which there are no activations"),
}


def refused(arguments, words, out, capsys):
    """Hold a command to its word: one line that says what is wrong, status 1, no finished store."""
    assert main([*map(str, arguments), "--out", str(out)]) == 1
    printed = capsys.readouterr().err
    assert printed.startswith("probe: ") and printed.count("\n") == 1 and printed[:-1].isprintable(), printed
    assert re.search(words, printed), printed
    assert len(printed) < 1200
    with pytest.raises(UserError):
        Store.open(out)


@pytest.mark.parametrize("attack", ARRAYS)
def test_hostile_arrays(attack, tmp_path, capsys):
    name, content, words = ARRAYS[attack]
    (tmp_path / name).write_bytes(content() if callable(content) else content)
    (tmp_path / "a.txt").write_text(TEXT, encoding="utf-8")
    refused(["import", tmp_path / name], words, tmp_path / "out", capsys)


def test_a_damaged_archive_is_never_misread(tmp_path, capsys):
    """Flip bytes all over a packed archive: its checksum tells, or the array is the same."""
    array = numbers()
    content = bytearray(npz({"a.npy": npy(array)}, zipfile.ZIP_DEFLATED))
    (tmp_path / "a.txt").write_text(TEXT, encoding="utf-8")
    for place in range(200, len(content) - 200, len(content) // 20):
        damaged = content.copy()
        damaged[place] ^= 0x40
        (tmp_path / "a.npz").write_bytes(damaged)
        assert main(["import", str(tmp_path / "a.npz"), "--out", str(tmp_path / "out")]) == 1
        assert capsys.readouterr().err.count("\n") == 1


def replaced(old, new):
    return CONFIG.replace(old, new)


LETTERS = list(zip("abcdefghijkl", "bcdefghijklm", strict=True))
LAUGHS = "a: &a [x, x]\n" + "".join(f"{after}: &{after} [{', '.join(9 * [f'*{before}'])}]\n"
                                    for before, after in LETTERS)
MERGES = "a: &a {x: 1}\n" + "".join(f"{after}: &{after} {{<<: [{', '.join(9 * [f'*{before}'])}]}}\n"
                                    for before, after in LETTERS)
CONFIGS = {
    "a path that leaves the folder": (replaced("ids.hdf5", "../../../etc/passwd"), "outside the folder of lstm.yml"),
    "an absolute path": (replaced("words.dict", "/etc/passwd"), "outside the folder of lstm.yml"),
    "a link out of the folder": (replaced("words.dict", "link.dict"), "outside the folder of lstm.yml"),
    "a loop of links": (replaced("words.dict", "loop.dict"), "names no file|no such file|cannot read"),
    "a path with a null": (replaced("words.dict", '"a\\0b"'), "names no file|outside"),
    "a folder for a file": (replaced("words.dict", "."), "is a folder"),
    "a file that is missing": (replaced("cbt_epoch10.h5", "missing.h5"), "missing.h5: no such file"),
    "a file that is no HDF5": (replaced("cbt_epoch10.h5", "words.dict"), "not an HDF5 file"),
    "references to references": (LAUGHS + CONFIG, "references .* are not accepted"),
    "merges of merges": (MERGES + CONFIG, "references .* are not accepted"),
    "a recursive value": ("a: &a [*a]\n" + CONFIG, "references .* are not accepted"),
    "code": (CONFIG + 'x: !!python/object/apply:os.system ["touch pwned"]\n', "tags .* are not accepted"),
    "a strange tag": (CONFIG + "x: !!timestamp nonsense\n", "tags .* are not accepted"),
    "a wrong date": (CONFIG + "x: 2024-99-99\n", "not readable as YAML"),
    "a number without digits": (CONFIG + "x: 0x_\n", "not readable as YAML"),
    "a number of many digits": (CONFIG + "x: " + "9" * 9999 + "\n", "not readable as YAML"),
    "a layer of many hexadecimal digits": (replaced("layer: deep", "layer: 0x" + "f" * 5000),
                                           "whole numbers of more than 40 characters"),
    "a deep value": (CONFIG + "x: " + "[" * 20_000 + "\n", "not readable as YAML"),
    "two documents": (CONFIG + "--- \nx: 1\n", "not readable as YAML"),
    "a tab": (replaced("  train:", "\ttrain:"), "not readable as YAML"),
    "a megabyte": (CONFIG + "#" * (1 << 20), "is larger than"),
    "a list": ("- 1\n", "the whole must be a mapping"),
    "nothing": ("", "the whole must be a mapping"),
    "no files": (replaced("files:", "folders:"), "files must be a mapping"),
    "files that are numbers": (replaced("words.dict", "17"), "files must be a mapping of names to text"),
    "a reference to no file": (replaced("dict_file: words", "dict_file: w"), "word_sequence.dict_file must be one of"),
    "no states": (CONFIG[:CONFIG.index("  types:")], "states.types must be a list"),
    "states of text": (CONFIG[:CONFIG.index("  types:")] + "  types: [x]\n", r"states.types\[0\] must be a mapping"),
    "an unknown type": (replaced("type: output", "type: soul"), r"states.types\[1\].type must be one of state, output"),
    "a layer that is a list": (replaced("layer: deep", "layer: [1]"), "layer must be a number or a name"),
    "a layer that drives the terminal": (replaced("layer: deep", 'layer: "\\e[2J"'), "printable characters"),
    "a path that is a number": (replaced("path: gates", "path: 7"), r"states.types\[2\].path must be text"),
    "a path that climbs": (replaced("path: gates", "path: lstm/../gates"), "is no name of an object"),
    "an array twice": (replaced("type: output", "type: state"), "has its cell twice"),
    "a group for an array": (replaced("path: gates", "path: lstm"), "is not a dataset"),
    "ids for states": (replaced("{file: states, type: forget_gate, layer: deep, path: gates",
                                "{file: train, type: forget_gate, layer: deep, path: word_ids"),
                       "holds int64 where floats"),
    "states for ids": (replaced("  file: train\n  path: /word_ids", "  file: states\n  path: gates"),
                       "holds float64 where whole numbers"),
    "notes that are none": (CONFIG + "probe: 7\n", "probe must be a mapping"),
    "stand-ins for words": (CONFIG + "probe: {states: [{path: x}], stand_ins: {a: bc}, origin: '1'}\n",
                            "probe.stand_ins.a must be one character"),
    "an origin that is no JSON": (CONFIG + "probe: {states: [{path: x}], stand_ins: {}, origin: '{'}\n",
                                  "probe.origin is not JSON"),
    "units that are no numbers": (CONFIG + "probe: {states: [{path: gates, layer: l, signal: cell, units: [a]}], "
                                  "stand_ins: {}, origin: '1'}\n", "units must be a list of whole numbers"),
    "units that are too few": (CONFIG + "probe: {states: [{path: gates, layer: l, signal: cell, units: [1]}], "
                               "stand_ins: {}, origin: '1'}\n", "need as many indices"),
}
WORDS = "one 1\ntwo 2\n"


@pytest.mark.parametrize("attack", CONFIGS)
def test_hostile_descriptions(attack, tmp_path, capsys, monkeypatch):
    config, words = CONFIGS[attack]
    monkeypatch.chdir(tmp_path)
    (tmp_path / "outside.dict").write_text(WORDS, encoding="utf-8")
    path = project(tmp_path / "project", [1, 2] * 60, others(120), WORDS, config)
    (path.parent / "link.dict").symlink_to(tmp_path / "outside.dict")
    (path.parent / "loop.dict").symlink_to(path.parent / "loop.dict")
    refused(["import", path], words, tmp_path / "out", capsys)
    assert not (tmp_path / "pwned").exists()


@pytest.mark.parametrize(("dictionary", "words"), [
    ("one 1\n", r"token 1 has the id 2, which words.dict does not hold"),
    ("one 1\ntwo 3\n", r"token 1 has the id 2"),
    ("", "holds no token"),
    ("one 1\ntwo\n", "line 2 must be a token and its id"),
    ("one 1\ntwo two 2\n", "line 2 must be a token and its id"),
    ("one 1\ntwo -2\n", "line 2 must be a token and its id"),
    ("one 1\ntwo 2²\n", "line 2 must be a token and its id"),
    ("one 1\ntwo " + "9" * 9999 + "\n", "line 2 must be a token and its id"),
    ("one 1\ntwo 1\n", "line 2: the id 1 is there twice"),
    ("one 1\ntwo\x00 2\n", "looks binary"),
    ("one 1\n\ud800 2\n", "not UTF-8 at byte 6"),
])
def test_hostile_dictionaries(dictionary, words, tmp_path, capsys):
    path = project(tmp_path / "project", [1, 2] * 60, others(120), WORDS)
    (path.parent / "words.dict").write_bytes(dictionary.encode("utf-8", "surrogatepass"))
    refused(["import", path], words, tmp_path / "out", capsys)


def test_an_endless_dictionary(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("probe.activations.interchange.lstmvis.tokens.LARGEST", 19)
    path = project(tmp_path / "project", [1, 2] * 60, others(120), WORDS + "three 3\n")
    refused(["import", path], "is larger than 19 bytes", tmp_path / "out", capsys)


def external(file):
    del file["gates"]
    file.create_dataset("gates", (120, 2), "f4", external=[("/etc/passwd", 0, 960)])


def huge(file):
    del file["gates"]
    file.create_dataset("gates", (120, 1 << 40), "f4", chunks=(1, 1024))


def bomb(file):
    del file["gates"]
    dataset = file.create_dataset("gates", (120, 2), "f4", chunks=(120, 2), compression="gzip")
    dataset.id.write_direct_chunk((0, 0), zlib.compress(bytes(1 << 26)))


def elsewhere(file):
    del file["gates"]
    file["gates"] = h5py.ExternalLink("/etc/other.h5", "gates")


def soft(file):
    del file["gates"]
    file["gates"] = h5py.SoftLink("/output1")


def infinite(file):
    file["gates"][60, 1] = np.inf


@pytest.mark.parametrize(("attack", "words"), [
    (external, "keeps its numbers in an external file"), (huge, "declares the shape 120 × 1,099,511,627,776"),
    (bomb, "does not unfold"), (elsewhere, "a link into another file"), (soft, "a soft link"),
    (infinite, "unit 1 is inf as float32 in row 60"),
], ids=lambda value: getattr(value, "__name__", None))
def test_hostile_states(attack, words, tmp_path, capsys):
    path = project(tmp_path / "project", [1, 2] * 60, others(120), WORDS)
    with h5py.File(path.parent / "cbt_epoch10.h5", "r+") as file:
        attack(file)
    refused(["import", path], words, tmp_path / "out", capsys)


@pytest.mark.parametrize(("ids", "words"), [
    (np.array([1, 2] * 60, np.float64), "holds float64 where whole numbers are needed"),
    (np.array([[1, 2]] * 60), r"has the shape \(60, 2\); ids of tokens"),
    (np.array([1, 2] * 50), r"has the shape \(120, 3\), and .* 100 tokens"),
    (np.array([1, -2] * 60), "token 1 has the id -2"),
    (np.array([1, 2**64 - 1] * 60, np.uint64), "token 1 has the id 18446744073709551615"),
], ids=range(5))
def test_hostile_ids(ids, words, tmp_path, capsys):
    refused(["import", project(tmp_path / "project", ids, others(120), WORDS)], words, tmp_path / "out", capsys)
