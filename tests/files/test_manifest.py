import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probe.errors import NewerFormat, UserError
from probe.files import read_manifest, write_manifest

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3), max_leaves=8,
)


@given(st.dictionaries(st.text(max_size=4), values, max_size=4))
def test_round_trip(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("manifest") / "a.json"
    write_manifest(path, "run", 3, content)
    assert read_manifest(path, "run", 3) == content


@pytest.fixture
def path(tmp_path):
    write_manifest(tmp_path / "a.json", "run", 1, {"steps": 7, "name": "ü"})
    return tmp_path / "a.json"


def change(path, **fields):
    path.write_text(json.dumps({**json.loads(path.read_text()), **fields}))


def test_another_kind_is_refused(path):
    with pytest.raises(UserError, match="describes a 'run', and a 'store' is needed"):
        read_manifest(path, "store", 1)


@pytest.mark.parametrize("version", [2, 0, "1", None, True, 1.0])
def test_another_version_is_refused(path, version):
    change(path, version=version)
    with pytest.raises(UserError, match=r"has format version .*; this probe reads version 1"):
        read_manifest(path, "run", 1)


def test_a_whole_manifest_of_a_newer_probe_is_told_from_a_damaged_one(path):
    write_manifest(path, "run", 2, {"steps": 8})
    with pytest.raises(NewerFormat, match=r"update probe to open it$"):
        read_manifest(path, "run", 1)
    change(path, content={"steps": 9})
    with pytest.raises(UserError, match=r"update probe to open it$") as caught:
        read_manifest(path, "run", 1)
    assert caught.type is UserError


def test_a_newer_version_is_told_to_be_one(path):
    change(path, version=2)
    with pytest.raises(UserError, match=r"was written by a newer probe: it has format version 2; this probe reads "
                                        "version 1: update probe to open it$"):
        read_manifest(path, "run", 1)
    change(path, version=0)
    with pytest.raises(UserError, match=r"a\.json: has format version 0, which no release of probe wrote; this probe"):
        read_manifest(path, "run", 1)


@pytest.mark.parametrize("fields", [{"content": {"steps": 8, "name": "ü"}}, {"content": [1]}, {"sha256": "0" * 64},
                                    {"sha256": None}, {"content": {"steps": float("nan")}}])
def test_a_changed_content_is_noticed(path, fields):
    change(path, **fields)
    with pytest.raises(UserError, match="checksum"):
        read_manifest(path, "run", 1)


def test_kind_and_version_are_under_the_checksum_too(path):
    change(path, kind="store")
    with pytest.raises(UserError, match="checksum"):
        read_manifest(path, "store", 1)


@pytest.mark.parametrize("text", ["[]", "{}", "7", '{"kind": "run"}', "null"])
def test_what_is_no_manifest_is_refused(path, text):
    path.write_text(text)
    with pytest.raises(UserError, match="not a manifest written by probe"):
        read_manifest(path, "run", 1)


@pytest.mark.parametrize("text", ["", "{", "[" * 100_000, "1" * 5_000])
def test_what_is_no_json_is_refused(path, text):
    path.write_text(text)
    with pytest.raises(UserError, match="not valid JSON"):
        read_manifest(path, "run", 1)


def test_every_truncation_is_refused(path):
    raw = path.read_bytes()
    for length in range(len(raw) - 2):
        path.write_bytes(raw[:length])
        with pytest.raises(UserError):
            read_manifest(path, "run", 1)


def test_numbers_that_json_has_not_are_not_written(path):
    before = path.read_bytes()
    with pytest.raises(ValueError, match="JSON compliant"):
        write_manifest(path, "run", 1, {"loss": float("nan")})
    assert path.read_bytes() == before
