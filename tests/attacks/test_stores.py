"""Stores that were damaged, mixed up or made up: each is refused in a line, and none is misread."""

import hashlib
import json
import shutil
from pathlib import Path

import h5py
import numpy as np
import pytest

from probe.activations import Store, write_store
from probe.activations.store import part, saved_rows
from probe.cli.main import main
from probe.corpus import Corpus, Segment
from probe.errors import UserError
from probe.files import write_bundle, write_manifest
from tests.scan.recorded import Recorded

SOURCE = ("1", "hidden")
PART = "part-000001.h5"


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    corpus = Corpus.of("Come in, said the fox. The cat did not.\n" * 30, folder=folder / "corpus")
    arrays = {SOURCE: np.random.default_rng(0).normal(size=(1200, 70))}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(part, "PART_ROWS", 400)
        write_store(Recorded(corpus, Segment(0, 1200), arrays), folder / "acts", show=False)
        other = Recorded(corpus, Segment(0, 1200), arrays)
        other.provenance = {"run": "another"}
        write_store(other, folder / "other", show=False)
    return folder


@pytest.fixture
def folder(made, tmp_path) -> Path:
    return shutil.copytree(made / "acts", tmp_path / "acts")


def read_all(folder: Path) -> None:
    """Read a store in every way."""
    store = Store.open(folder)
    list(store)
    store.signals[SOURCE][:]


def refused(folder: Path, words: str, capsys) -> None:
    with pytest.raises(UserError, match=words) as refusal:
        read_all(folder)
    assert "\n" not in str(refusal.value)
    assert main(["scan", str(folder), "--patterns", "whitespace"]) == 1
    assert capsys.readouterr().err.count("\n") == 1


def rewritten(folder: Path, change) -> None:
    """Change the content of the manifest and give it the checksum that goes with it."""
    content = json.loads((folder / "store.json").read_text())["content"]
    change(content)
    write_manifest(folder / "store.json", "store", 1, content)


def hidden(change):
    """Write a part anew, with other contents and the checksum that goes with them."""
    def attack(folder: Path) -> None:
        with h5py.File(folder / PART, "r+") as file:
            change(file)
        content = (folder / PART).read_bytes()

        def declare(manifest):
            manifest["parts"][1] = [len(content), hashlib.sha256(content).hexdigest()]

        rewritten(folder, declare)

    return attack


def test_the_store_that_is_attacked_is_whole(folder):
    read_all(folder)


@pytest.mark.parametrize("place", [0, 3000, 40_000, -3000])
def test_a_byte_that_has_changed_is_noticed(folder, capsys, place):
    content = bytearray((folder / PART).read_bytes())
    content[place] ^= 8
    (folder / PART).write_bytes(content)
    refused(folder, r"part-000001\.h5: ", capsys)


def test_a_changed_number_is_noticed_where_it_alone_is_read(folder):
    with h5py.File(folder / PART) as file:
        chunk = file["activations/1/hidden"].id.get_chunk_info(0)
    content = bytearray((folder / PART).read_bytes())
    content[chunk.byte_offset + 100] ^= 64
    (folder / PART).write_bytes(content)
    store = Store.open(folder)
    with pytest.raises(UserError, match=r"part-000001\.h5: .*activations/1/hidden: damaged"):
        store.signals[SOURCE][:, 0]
    store.signals[SOURCE][:, 69]


@pytest.mark.parametrize("name", [PART, "index.safetensors", "text/corpus.json", "text/ids.npy", "text/codes.npy"])
@pytest.mark.parametrize("damage", ["removed", "emptied", "cut"])
def test_files_that_are_lost_or_cut_are_missed(folder, capsys, name, damage):
    path = folder / name
    content = path.read_bytes()
    path.unlink()
    if damage != "removed":
        path.write_bytes(b"" if damage == "emptied" else content[:-9])
    refused(folder, "no such file|missing|damaged|not valid JSON|not a readable array|not an? ", capsys)


def test_parts_that_changed_places_are_told(folder, capsys):
    first, second = folder / "part-000000.h5", folder / PART
    content = first.read_bytes()
    first.write_bytes(second.read_bytes())
    second.write_bytes(content)
    refused(folder, r"part-000000\.h5: ", capsys)
    with pytest.raises(UserError, match=r"part-000000\.h5: is not part 0 of this store"):
        Store.open(folder).signals[SOURCE][0]


def test_a_part_of_another_store_is_told(folder, made):
    shutil.copy(made / "other" / PART, folder / PART)
    with pytest.raises(UserError, match=r"part-000001\.h5: is not part 1 of this store"):
        Store.open(folder).signals[SOURCE][:]


def test_a_text_of_another_store_is_told(folder, tmp_path, capsys):
    shutil.rmtree(folder / "text")
    Corpus.of("another text, of words that were not read. " * 30, folder=folder / "text")
    refused(folder, "text: damaged: not the text of this store", capsys)


def _link(file):
    del file["activations/1/hidden"]
    file["activations/1/hidden"] = h5py.ExternalLink("/etc/passwd", "x")


def _external(file):
    del file["activations/1/hidden"]
    file.create_dataset("activations/1/hidden", (400, 70), "f2", external=[("/etc/passwd", 0, 56_000)])


def _enormous(file):
    del file["activations/1/hidden"]
    file.create_dataset("activations/1/hidden", (1 << 40, 70), "f2", chunks=(1024, 16))


def _other(shape, dtype):
    def change(file):
        del file["activations/1/hidden"]
        file["activations/1/hidden"] = np.zeros(shape, dtype)
    return change


def _nan(file):
    values = file["activations/1/hidden"][:]
    values[3, 3] = np.nan
    del file["activations/1/hidden"]
    file["activations/1/hidden"] = values


@pytest.mark.parametrize(("change", "words"), [
    (_link, "links are refused"), (_external, "external file"), (_enormous, "declares the shape"),
    (_other((399, 70), "f2"), "damaged: float16 of shape"), (_other((400, 70), "f4"), "damaged: float32 of shape"),
    (_other((400, 69), "f2"), "damaged: float16 of shape"), (_other((400, 70), "i2"), "holds int16 where floats"),
    (lambda file: file.attrs.update(store="x"), "is not part 1"), (lambda file: file.attrs.clear(), "is not part 1"),
], ids=["link", "external", "enormous", "rows", "dtype", "units", "kind", "identity", "no identity"])
def test_parts_made_up_by_a_stranger_are_refused(folder, capsys, change, words):
    hidden(change)(folder)
    refused(folder, words, capsys)


def test_numbers_that_are_not_finite_are_refused_where_they_are_read(folder):
    hidden(_nan)(folder)
    with pytest.raises(UserError, match="not finite"):
        Store.open(folder).signals[SOURCE][:]


def _set(*path):
    *names, last, value = path

    def change(content):
        for name in names:
            content = content[name]
        content[last] = value

    change.__name__ = f"{last}={str(value)[:40]}"
    return change


@pytest.mark.parametrize("change", [
    _set("contents", "segment", [0, 10**15]), _set("contents", "segment", [-5, 1195]), _set("contents", "segment", [5]),
    _set("contents", "segment", ["0", "1200"]), _set("contents", "segment", None),
    _set("contents", "segment", [0, 1.5]),
    _set("contents", "every", 0), _set("contents", "every", 2), _set("contents", "every", "1"),
    _set("contents", "dtype", "object"), _set("contents", "dtype", "float64"), _set("contents", "dtype", None),
    _set("contents", "units", []), _set("contents", "units", {}), _set("contents", "units", [["1", "hidden", []]]),
    _set("contents", "units", [["1", "hidden", [[0, 10**30]]]]),
    _set("contents", "units", [["1", "hidden", [[0, 2**24 - 1]] * 99]]),
    _set("contents", "units", [["1", "hidden", [[5, 2]]]]), _set("contents", "units", [["1", "hidden", "x"]]),
    _set("contents", "units", [[1, "hidden", [[0, 70]]]]),
    _set("contents", "units", [["../../../x", "hidden", [[0, 70]]]]),
    _set("contents", "provenance", 3), _set("contents", "log", [3]), _set("contents", "log", {"a": 1}),
    _set("contents", "notes", None), _set("contents", "text", {}), _set("contents", "text", None),
    _set("parts", []), _set("parts", [[1, "x"]] * 3), _set("parts", [["1", "x"]] * 3), _set("parts", None),
    _set("parts", [1, 2, 3]),
    _set("index", "x"), _set("index", None), _set("text", None), _set("contents", {}), _set("contents", []),
], ids=lambda change: change.__name__)
def test_manifests_made_up_by_a_stranger_are_refused(folder, capsys, change):
    rewritten(folder, change)
    refused(folder, ".", capsys)


@pytest.mark.parametrize("change", [
    {"first": np.array([0, 0, 0, 0, 0, 0])}, {"first": np.array([-200, 600, 0, 800, 200, 1000])},
    {"count": np.array([2**62, 2**62, 2**62, 2**62, 200, 200])}, {"count": np.array([200] * 5)},
    {"count": np.array([400, 0, 200, 200, 200, 200])}, {"pieces": np.array([6])}, {"pieces": np.array([2, 2, 1, 1])},
    {"pieces": np.array([3, 3, 0])}, {"pieces": np.array([2**62, 2**62, 6])}, {"first": np.zeros((6, 1), np.int64)},
    {"first": np.array([0.0, 600, 200, 800, 400, 1000])}, {"pieces": np.array([], np.int64)},
    {"first": None}, {"count": np.array([True] * 6)},
], ids=str)
def test_indices_made_up_by_a_stranger_are_refused(folder, capsys, change):
    index = Store.open(folder).index
    arrays = {"first": index.first, "count": index.count, "pieces": index.pieces, **change}
    kept = {name: each for name, each in arrays.items() if each is not None}
    sha256 = write_bundle(folder / "index.safetensors", kept)
    rewritten(folder, _set("index", sha256))
    refused(folder, ".", capsys)


def test_the_index_of_the_attacked_store_is_as_the_attacks_expect(folder):
    index = Store.open(folder).index
    assert index.first.tolist() == [0, 600, 200, 800, 400, 1000]
    assert index.count.tolist() == [200] * 6
    assert index.pieces.tolist() == [2, 2, 2]


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"kind": "run", "version": 1, "sha256": "", "content": {}}',
                                     "[" * 100_000])
def test_what_is_no_manifest_is_refused(folder, capsys, content):
    (folder / "store.json").write_text(content)
    refused(folder, "store.json", capsys)


def test_a_manifest_of_a_later_version_is_refused(folder, capsys):
    content = json.loads((folder / "store.json").read_text())["content"]
    write_manifest(folder / "store.json", "store", 2, content)
    refused(folder, "format version 2", capsys)


@pytest.mark.parametrize("change", [
    {"contents": None}, {"parts": 99}, {"parts": "1"}, {"parts": False}, {"blocks": "x"}, {"blocks": -1},
    {"characters": -5}, {"characters": None}, {"state": "x"}, {"journal": -1}, {"journal": "x"}, {"journal": 10**9},
], ids=str)
def test_unfinished_stores_made_up_by_a_stranger_are_not_gone_on_with(made, tmp_path, monkeypatch, change):
    from probe.activations.store import writer

    corpus = Corpus.open(made / "corpus")
    arrays = {SOURCE: np.zeros((1200, 70))}
    monkeypatch.setattr(part, "PART_ROWS", 400)
    folder, blocks = tmp_path / "acts", Recorded(corpus, Segment(0, 1200), arrays)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(writer, "end", lambda folder: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            write_store(blocks, folder, show=False)
    (folder / "store.json").unlink()
    content = json.loads((folder / "unfinished.json").read_text())["content"]
    write_manifest(folder / "unfinished.json", "unfinished store", 1, {**content, **change})
    with pytest.raises(UserError):
        write_store(blocks, folder, show=False)


@pytest.mark.parametrize("rows", [None, "x", -1, 1.5, True, [1]], ids=str)
def test_an_unfinished_store_that_says_no_number_of_rows_is_refused(folder, rows):
    (folder / "store.json").unlink()
    write_manifest(folder / "unfinished.json", "unfinished store", 1, {} if rows is None else {"rows": rows})
    with pytest.raises(UserError, match=r"unfinished\.json: damaged: rows must be a whole number from 0"):
        saved_rows(folder)
