"""Catalogues, records of downloads and archives made up by a stranger: refused in a line; nothing lands elsewhere."""

import json
import os
import zipfile
from dataclasses import asdict
from pathlib import Path

import pytest

from probe.corpus import get, receipt
from probe.corpus.catalogue import KIND, VERSION, Entry, Receipt, catalogue, entries_in, unpack_into
from probe.errors import UserError
from probe.files import sha256_of, write_manifest

FIELDS = {"title": "A book", "licence": "none", "addresses": ["https://example.org/book.txt"], "encoding": "utf-8"}


def written(name: str = "book", **changes: object) -> str:
    """One entry in TOML; None leaves a field out."""
    fields = {field: value for field, value in {**FIELDS, **changes}.items() if value is not None}
    return "\n".join([f"[{json.dumps(name)}]", *(f"{json.dumps(field)} = {json.dumps(value)}"
                                                 for field, value in fields.items())])


def refused(content: str, words: str) -> None:
    with pytest.raises(UserError, match=words) as raised:
        entries_in(content, "x.toml")
    assert str(raised.value).startswith("x.toml: ")
    assert str(raised.value).isprintable() and len(str(raised.value)) < 400


def test_the_entry_that_is_changed_below_is_accepted():
    assert entries_in(written(bytes=3, sha256="0" * 64, member="a.txt"), "x.toml") == {
        "book": Entry("book", "A book", "none", ("https://example.org/book.txt",), "utf-8", 3, "0" * 64, "a.txt")}
    assert catalogue()


@pytest.mark.parametrize("name", ["../book", "/etc", "..", ".", "", "a/b", "a\\b", "A", "a\0b", "\x1b[2J", "x" * 64,
                                  "bü"])
def test_names_that_could_be_another_folder_are_refused(name):
    refused(written(name), "a name must be of small letters")


@pytest.mark.parametrize(("changes", "words"), [
    ({"title": None}, "must have addresses, encoding, licence, title"), ({"evil": 1}, "and may have after"),
    ({"addresses": []}, "addresses must be"), ({"addresses": "https://x"}, "addresses must be"),
    ({"addresses": ["file:///etc/passwd"]}, "addresses must be"), ({"addresses": ["https://a b"]}, "addresses must be"),
    ({"addresses": [3]}, "addresses must be"), ({"addresses": ["https://x\x1b[2J"]}, "addresses must be"),
    ({"title": "\x1b[2J"}, "title must be"), ({"title": 3}, "title must be"), ({"member": ""}, "member must be"),
    ({"bytes": -1}, "bytes must be"), ({"bytes": True}, "bytes must be"), ({"bytes": 1.5}, "bytes must be"),
    ({"bytes": 10**30}, "bytes must be|not readable as TOML"), ({"member_bytes": 0}, "member_bytes must be"),
    ({"sha256": "0" * 63}, "sha256 must be"), ({"sha256": "A" * 64}, "sha256 must be"),
    ({"encoding": "no such"}, "no text encoding is called"), ({"encoding": "x" * 9999}, "no text encoding is called"),
], ids=str)
def test_fields_that_are_wrong_are_refused(changes, words):
    refused(written(**changes), words)


@pytest.mark.parametrize("content", ["x = 1", "[a", "[[a]]\n[[a]]", "a = {b = 1", "[a]\nx = " + "[" * 5000, "\0",
                                     written() + "\n" + written(), "a" * 100_000,
                                     written() + "\nbytes = 0x" + "f" * 5000])
def test_what_is_no_table_of_entries_is_refused(content):
    refused(content, "not readable as TOML|must have addresses")


@pytest.mark.parametrize("content", [{}, {"address": 1}, {"evil": 1}, {"address": "x", "bytes": 1, "sha256": "x"}])
def test_records_of_downloads_that_are_none_are_refused(content, tmp_path):
    (tmp_path / "book").mkdir()
    write_manifest(tmp_path / "book" / "receipt.json", KIND, VERSION, content)
    with pytest.raises(UserError, match=r"receipt\.json: not the record of a download"):
        receipt("book", cache=tmp_path)


@pytest.mark.parametrize("spoil", ["cut", "flipped", "holes", "gone"])
def test_a_fetched_text_that_was_spoilt_is_not_taken(spoil, tmp_path):
    text, place = b"Come in, said the fox. " * 90, tmp_path / "shakespeare"
    place.mkdir()
    (place / "shakespeare.txt").write_bytes(text)
    sha256 = sha256_of(place / "shakespeare.txt")
    write_manifest(place / "receipt.json", KIND, VERSION, asdict(Receipt("http://x/", 9, sha256, sha256, True)))
    asked = {"cache": tmp_path, "address": "http://127.0.0.1:1/file", "progress": False, "pause": 0.0}
    assert get("shakespeare", **asked).read_bytes() == text
    match spoil:
        case "cut":
            (place / "shakespeare.txt").write_bytes(text[:-1])
        case "flipped":
            (place / "shakespeare.txt").write_bytes(b"D" + text[1:])
        case "holes":
            os.truncate(place / "shakespeare.txt", 1 << 43)
        case "gone":
            (place / "shakespeare.txt").unlink()
    with pytest.raises(UserError, match="cannot be downloaded"):
        get("shakespeare", **asked)


def archive(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in members.items():
            made.writestr(name, content)
    return path


def test_a_member_lands_in_its_own_place_whatever_its_name(tmp_path):
    (tmp_path / "cache").mkdir()
    path = archive(tmp_path / "cache" / "a.part", {"../../evil.txt": b"a text"})
    entry = Entry("book", "x", "x", (), "utf-8", member="../../evil.txt")
    unpack_into(path, entry, tmp_path / "cache" / "book.txt")
    assert (tmp_path / "cache" / "book.txt").read_bytes() == b"a text"
    assert sorted(each.name for each in tmp_path.rglob("*")) == ["a.part", "book.txt", "cache"]


def test_an_archive_that_unfolds_to_more_than_its_entry_says_is_refused(tmp_path):
    path = archive(tmp_path / "a.part", {"book.txt": bytes(1 << 24)})
    entry = Entry("book", "x", "x", (), "utf-8", member="book.txt", member_bytes=1000)
    with pytest.raises(UserError, match="larger than the 1,000 bytes expected"):
        unpack_into(path, entry, tmp_path / "b.txt")
    assert [each.name for each in tmp_path.iterdir()] == ["a.part"]


def test_archives_that_are_cut_or_flipped_are_refused_or_whole(tmp_path):
    text = b"Come in, said the fox. " * 200
    whole = archive(tmp_path / "a.zip", {"book.txt": text}).read_bytes()
    entry = Entry("book", "x", "x", (), "utf-8", member="book.txt")
    refusals = []
    for place in range(0, len(whole), 3):
        for damaged in (whole[:place], whole[:place] + bytes([whole[place] ^ 1 << place % 8]) + whole[place + 1:]):
            (tmp_path / "a.zip").write_bytes(damaged)
            try:
                unpack_into(tmp_path / "a.zip", entry, tmp_path / "b.txt")
                assert (tmp_path / "b.txt").read_bytes() == text
            except UserError as error:
                refusals.append(str(error))
    assert len(refusals) > len(whole) // 3
    assert all(each.startswith(f"{tmp_path / 'a.zip'}: ") and each.isprintable() for each in refusals)


@pytest.mark.parametrize("which", ["directory", "member"])
def test_names_of_members_that_are_no_utf_8_are_refused(which, tmp_path):
    """The directory and the member itself each have the name; zipfile decodes both."""
    content = archive(tmp_path / "a.zip", {"bücher.txt": b"a text"}).read_bytes()
    name = "bücher.txt".encode()
    place = content.rindex(name) if which == "directory" else content.index(name)
    wrong = name.replace("ü".encode(), b"\xff\xfe")
    (tmp_path / "a.zip").write_bytes(content[:place] + wrong + content[place + len(name):])
    with pytest.raises(UserError, match=r"a\.zip: not a readable zip archive: 'utf-8' codec"):
        unpack_into(tmp_path / "a.zip", Entry("book", "x", "x", (), "utf-8", member="bücher.txt"), tmp_path / "b.txt")
    assert [each.name for each in tmp_path.iterdir()] == ["a.zip"]
