import dataclasses
import hashlib
import io
import re
import socket
import zipfile
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pytest

from probe.corpus import CorpusOptions, Entry, cache_folder, catalogue, get, receipt
from probe.corpus.catalogue import catalogue as real_catalogue
from probe.errors import UserError

from .server import Behaviour, serving

CONTENT = np.random.default_rng(7).integers(97, 123, 1_000_000, np.uint8).tobytes()
SHA256 = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch):
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)


@contextmanager
def known(**fields):
    """Put one entry called book into the catalogue."""
    entry = Entry("book", "A book", "public domain", **{"addresses": (), "encoding": "utf-8", **fields})
    with patch("probe.corpus.catalogue.catalogue", lambda: {"book": entry}):
        yield entry


def fetch(cache, behaviour, path="/file", **fields):
    with serving(behaviour) as address, known(**{"addresses": (address + path,), **fields}):
        return get("book", cache=cache, progress=False, pause=0.0)


def refused(cache, behaviour, **arguments):
    with pytest.raises(UserError) as caught:
        fetch(cache, behaviour, **arguments)
    message = str(caught.value)
    assert message.startswith("book: ")
    assert "\n" not in message
    assert not (cache / "book" / "book.txt").exists()
    return message


def test_a_download_comes_whole_and_leaves_nothing_aside(tmp_path):
    behaviour = Behaviour(CONTENT)
    path = fetch(tmp_path, behaviour, sha256=SHA256, bytes=len(CONTENT))
    assert path == tmp_path / "book" / "book.txt"
    assert path.read_bytes() == CONTENT
    assert {entry.name for entry in path.parent.iterdir()} - {".lock"} == {"book.txt", "receipt.json"}
    assert behaviour.seen[0]["Accept-Encoding"] == "identity"


def test_what_is_in_the_cache_needs_no_network(tmp_path):
    fetch(tmp_path, Behaviour(CONTENT))
    with known(addresses=("http://127.0.0.1:1/file",)):
        assert get("book", cache=tmp_path, progress=False).read_bytes() == CONTENT


def test_a_text_damaged_in_the_cache_is_downloaded_again(tmp_path):
    fetch(tmp_path, Behaviour(CONTENT)).write_bytes(b"damaged")
    assert fetch(tmp_path, Behaviour(CONTENT)).read_bytes() == CONTENT


@pytest.mark.parametrize("validator", [{"etag": '"one"'}, {"etag": None, "modified": "Wed, 21 Oct 2015 07:28:00 GMT"}])
def test_a_cut_download_goes_on_where_it_was_cut(tmp_path, validator):
    behaviour = Behaviour(CONTENT, cuts=[400_000, 300_000, None], **validator)
    assert fetch(tmp_path, behaviour).read_bytes() == CONTENT
    starts = [int(re.fullmatch(r"bytes=(\d+)-", seen["Range"])[1]) for seen in behaviour.seen[1:]]
    assert 300_000 < starts[0] <= 400_000 < starts[1] <= 700_000
    assert {seen["If-Range"] for seen in behaviour.seen[1:]} == set(filter(None, validator.values()))


def test_many_cuts_are_no_failure_while_each_brings_something_new(tmp_path):
    behaviour = Behaviour(CONTENT, cuts=[100_000] * 30)
    assert fetch(tmp_path, behaviour).read_bytes() == CONTENT
    assert len(behaviour.seen) > 9


def test_a_later_process_goes_on_with_what_came_before(tmp_path):
    refused(tmp_path, behaviour := Behaviour(CONTENT, cuts=[500_000], statuses=[None] + [404]))
    port_kept = Behaviour(CONTENT)
    with serving(port_kept) as address, known(addresses=(address + "/file",)):
        note = tmp_path / "book" / "book.part.json"
        assert note.exists()
        rewrite_address(note, address + "/file")
        assert get("book", cache=tmp_path, progress=False, pause=0.0).read_bytes() == CONTENT
    assert int(port_kept.seen[0]["Range"].removeprefix("bytes=").removesuffix("-")) > 400_000
    assert len(behaviour.seen) == 2


def rewrite_address(note, address):
    from probe.files import read_manifest, write_manifest

    write_manifest(note, "download in parts", 1, {**read_manifest(note, "download in parts", 1), "address": address})


def test_a_file_that_changed_meanwhile_is_begun_anew(tmp_path):
    other = CONTENT[::-1]
    behaviour = Behaviour(CONTENT, cuts=[500_000])

    def change(number):
        if number == 1:
            behaviour.content, behaviour.etag = other, '"two"'

    behaviour.on_request = change
    assert fetch(tmp_path, behaviour).read_bytes() == other


def test_a_server_that_ignores_if_range_cannot_mix_two_versions(tmp_path):
    other = CONTENT[::-1]
    behaviour = Behaviour(CONTENT, cuts=[500_000], obeys_if_range=False)

    def change(number):
        if number == 1:
            behaviour.content, behaviour.etag = other, '"two"'

    behaviour.on_request = change
    assert fetch(tmp_path, behaviour).read_bytes() == other


@pytest.mark.parametrize("etag", [None, 'W/"weak"'])
def test_without_a_strong_validator_nothing_is_resumed(tmp_path, etag):
    behaviour = Behaviour(CONTENT, etag=etag, cuts=[500_000])
    assert fetch(tmp_path, behaviour).read_bytes() == CONTENT
    assert all("Range" not in seen for seen in behaviour.seen)


def test_a_server_that_ignores_ranges_starts_over(tmp_path):
    behaviour = Behaviour(CONTENT, ranges=False, cuts=[500_000])
    assert fetch(tmp_path, behaviour).read_bytes() == CONTENT
    assert "Range" in behaviour.seen[1]


def test_a_file_that_became_shorter_is_begun_anew(tmp_path):
    behaviour = Behaviour(CONTENT, cuts=[500_000], obeys_if_range=False)

    def change(number):
        if number == 1:
            behaviour.content = CONTENT[:1000]

    behaviour.on_request = change
    assert fetch(tmp_path, behaviour).read_bytes() == CONTENT[:1000]


def test_a_server_that_is_cut_at_the_same_place_for_ever_is_given_up(tmp_path):
    behaviour = Behaviour(CONTENT, etag=None, cuts=[500_000] * 50)
    assert "the connection was cut" in refused(tmp_path, behaviour)
    assert len(behaviour.seen) < 10


def test_a_stumbling_server_is_tried_again_and_a_broken_one_given_up(tmp_path):
    assert fetch(tmp_path / "a", Behaviour(CONTENT, statuses=[500, 503, 429])).read_bytes() == CONTENT
    behaviour = Behaviour(CONTENT, statuses=[500] * 50)
    assert "the server answers 500" in refused(tmp_path / "b", behaviour)
    assert len(behaviour.seen) == 4


def test_a_part_from_one_address_is_not_continued_at_another(tmp_path):
    with (
        serving(Behaviour(CONTENT, cuts=[500_000], statuses=[None, 404])) as first,
        serving(Behaviour(CONTENT[::-1])) as second,
        known(addresses=(first + "/file", second + "/file")),
    ):
        assert get("book", cache=tmp_path, progress=False, pause=0.0).read_bytes() == CONTENT[::-1]


def test_a_missing_file_is_asked_for_once_and_the_next_address_tried(tmp_path):
    with serving(Behaviour(CONTENT)) as address, known(addresses=(address + "/gone", address + "/file")):
        assert get("book", cache=tmp_path, progress=False, pause=0.0).read_bytes() == CONTENT
        assert receipt("book", cache=tmp_path).address == address + "/file"
    behaviour = Behaviour(CONTENT, statuses=[404])
    assert "the server answers 404" in refused(tmp_path / "other", behaviour)
    assert len(behaviour.seen) == 1


def test_redirects_are_followed(tmp_path):
    assert fetch(tmp_path, Behaviour(CONTENT, cuts=[500_000]), path="/moved").read_bytes() == CONTENT


def test_chunked_and_compressed_answers_are_read(tmp_path):
    for case, fields in enumerate(({"chunked": True}, {"chunked": True, "cuts": [500_000]},
                                   {"gzip": True, "cuts": [90_000]})):
        assert fetch(tmp_path / str(case), Behaviour(CONTENT, **fields), sha256=SHA256).read_bytes() == CONTENT


def test_a_claimed_length_that_is_not_sent_is_a_cut(tmp_path):
    assert "connection was cut" in refused(tmp_path, Behaviour(CONTENT, length=len(CONTENT) + 5))


@pytest.mark.parametrize("bytes_", [999_999, 1_000_001])
@pytest.mark.parametrize("chunked", [False, True])
def test_a_file_of_another_size_is_refused(tmp_path, bytes_, chunked):
    message = refused(tmp_path, Behaviour(CONTENT, chunked=chunked), bytes=bytes_)
    assert f"{bytes_:,} are expected" in message
    assert not (tmp_path / "book" / "book.part").exists()


def test_a_login_page_is_not_taken_for_a_text(tmp_path):
    assert "web page" in refused(tmp_path, Behaviour(b"<html>log in</html>", kind="text/html; charset=utf-8"))


def test_a_wrong_checksum_is_told_and_the_file_removed(tmp_path):
    message = refused(tmp_path, Behaviour(CONTENT), sha256="0" * 64)
    assert SHA256 in message
    assert "0" * 64 in message
    assert not list((tmp_path / "book").glob("*.part*"))


def test_without_a_network_one_line_says_so(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with known(addresses=(f"http://127.0.0.1:{port}/file",)), pytest.raises(UserError) as caught:
        get("book", cache=tmp_path, progress=False)
    assert f"http://127.0.0.1:{port}/file: the server cannot be reached (no network?)" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("address", ["ftp://127.0.0.1/file", "nonsense", "http://"])
def test_an_address_that_is_none_is_told(tmp_path, address):
    with known(), pytest.raises(UserError, match="not a working address"):
        get("book", cache=tmp_path, address=address, progress=False)


def test_the_first_download_is_trusted_aloud_and_a_later_one_must_agree(tmp_path, capsys):
    with serving(Behaviour(CONTENT)) as address, known(addresses=(address + "/file",)):
        path = get("book", cache=tmp_path, pause=0.0)
    assert f"trusted on first use: sha256 {SHA256}" in capsys.readouterr().err
    assert receipt("book", cache=tmp_path).first_use
    assert receipt("book", cache=tmp_path).sha256 == SHA256
    path.unlink()
    message = refused(tmp_path, Behaviour(b"another edition"))
    assert "than at the first download" in message
    assert SHA256 in message
    (tmp_path / "book" / "receipt.json").unlink()
    assert fetch(tmp_path, Behaviour(b"another edition")).read_bytes() == b"another edition"


def test_a_checksum_of_the_catalogue_is_no_first_use(tmp_path, capsys):
    with serving(Behaviour(CONTENT)) as address, known(sha256=SHA256):
        get("book", cache=tmp_path, address=address + "/file", pause=0.0)
        assert receipt("book", cache=tmp_path).address == address + "/file"
    assert not receipt("book", cache=tmp_path).first_use
    assert capsys.readouterr() == ("", "")


def zipped(**members):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "../"), content)
    return buffer.getvalue()


def test_the_text_is_taken_out_of_an_archive_and_nothing_else(tmp_path):
    content = zipped(text8=CONTENT, __evil=b"no", other=b"no")
    path = fetch(tmp_path / "cache", Behaviour(content), member="text8", member_bytes=len(CONTENT),
                 sha256=hashlib.sha256(content).hexdigest())
    assert path.read_bytes() == CONTENT
    assert {entry.name for entry in tmp_path.iterdir()} == {"cache"}
    assert receipt("book", cache=tmp_path / "cache").bytes == len(content)


@pytest.mark.parametrize(("content", "what"), [
    (zipped(text8=bytes(1001)), "larger than the 1,000 bytes"), (zipped(other=b"abc"), "holds no file called text8"),
    (b"no archive at all", "not a readable zip archive"), (zipped(text8=CONTENT[:900])[:-40], "not a readable zip"),
    (zipped(text8=CONTENT[:900]).replace(b"\x50", b"\x51"), "not a readable zip"),
])
def test_archives_that_are_wrong_are_refused(tmp_path, content, what):
    with pytest.raises(UserError, match=what):
        fetch(tmp_path, Behaviour(content), member="text8", member_bytes=1000)
    assert not (tmp_path / "book" / "book.txt").exists()
    assert receipt("book", cache=tmp_path) is None


def test_a_text_is_cut_out_between_its_marks(tmp_path):
    book = (b"\xef\xbb\xbflicence\r\n*** START OF THE BOOK ***\r\n\r\n\r\nChapter 1\r\n\r\nIt was.\r\n\r\n"
            b"*** END OF THE BOOK ***\r\nlicence\r\n")
    marks = {"after": "*** START OF TH", "before": "*** END OF TH"}
    assert fetch(tmp_path / "a", Behaviour(book), **marks).read_bytes() == b"Chapter 1\r\n\r\nIt was.\n"
    assert fetch(tmp_path / "b", Behaviour(b"no marks\n"), **marks).read_bytes() == b"no marks\n"


def test_an_unknown_name_is_refused_with_a_guess(tmp_path):
    with pytest.raises(UserError, match="no corpus is called 'alise'; did you mean 'alice'"):
        get("alise", cache=tmp_path)


def test_the_cache_is_where_the_variable_says(tmp_path, monkeypatch):
    monkeypatch.setenv("PROBE_CACHE", str(tmp_path))
    assert cache_folder() == tmp_path / "corpora"
    with serving(Behaviour(CONTENT)) as address, known(addresses=(address + "/file",)):
        assert get("book", progress=False).is_relative_to(tmp_path)
    monkeypatch.delenv("PROBE_CACHE")
    assert cache_folder().parts[-2:] == ("probe", "corpora")
    assert cache_folder().is_relative_to(Path.home())


def test_a_full_cache_folder_in_the_way_is_told(tmp_path):
    (tmp_path / "book").write_text("a file")
    with pytest.raises(UserError, match="is a file, and a folder is needed"):
        fetch(tmp_path, Behaviour(CONTENT))


@pytest.mark.parametrize("entry", real_catalogue().values(), ids=lambda entry: entry.name)
def test_every_entry_is_complete(entry):
    assert entry.title
    assert entry.licence
    assert entry.addresses
    assert all(re.fullmatch(r"https?://[^\s]+", address) for address in entry.addresses)
    assert CorpusOptions(encoding=entry.encoding)
    assert entry.sha256 is None or re.fullmatch("[0-9a-f]{64}", entry.sha256)
    assert all(address.endswith(".zip") for address in entry.addresses) == (entry.member is not None)
    assert dataclasses.asdict(entry)["bytes"] is None or entry.bytes > 0


def test_the_catalogue_knows_the_usual_corpora():
    assert {"alice", "war-and-peace", "shakespeare", "text8", "enwik8"} <= set(catalogue())


def test_the_checksum_of_shakespeare_is_that_of_the_known_file():
    path = Path(__file__).resolve().parents[2].parent / "shared" / "corpora" / "shakespeare.txt"
    if not path.exists():
        pytest.skip("the shared corpora are not here")
    entry = catalogue()["shakespeare"]
    assert hashlib.sha256(path.read_bytes()).hexdigest() == entry.sha256
    assert path.stat().st_size == entry.bytes
