import hashlib
import os

import pytest

from probe.errors import UserError
from probe.files import iterate_bytes, read_bundle, read_bytes, read_json, read_text, sha256_of
from probe.files.partial import append_bytes, put_in_place


def test_bytes_come_in_blocks(tmp_path):
    (tmp_path / "a").write_bytes(b"abcdefg")
    assert list(iterate_bytes(tmp_path / "a", block=3)) == [b"abc", b"def", b"g"]
    assert read_bytes(tmp_path / "a") == b"abcdefg"
    assert sha256_of(tmp_path / "a") == hashlib.sha256(b"abcdefg").hexdigest()


@pytest.mark.parametrize("read", [read_bytes, read_text, read_json, sha256_of])
def test_what_cannot_be_read_is_told(tmp_path, read):
    with pytest.raises(UserError, match="missing: no such file"):
        read(tmp_path / "missing")
    with pytest.raises(UserError, match="is a folder; a file is needed"):
        read(tmp_path)
    (tmp_path / "file").write_text("x")
    with pytest.raises(UserError, match="cannot read: Not a directory"):
        read(tmp_path / "file" / "below")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes and devices of Unix")
@pytest.mark.parametrize("read", [read_bytes, read_text, read_json, sha256_of, lambda path: read_bundle(path, "")])
def test_what_may_never_end_is_not_begun(tmp_path, read):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "endless").symlink_to("/dev/zero")
    for name in ("pipe", "endless"):
        with pytest.raises(UserError, match=f"{name}: is a pipe or device; a file is needed here"):
            read(tmp_path / name)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_is_told(tmp_path):
    (tmp_path / "a").write_text("x")
    (tmp_path / "a").chmod(0)
    with pytest.raises(UserError, match="cannot read: Permission denied"):
        read_bytes(tmp_path / "a")


def test_text_must_be_utf8(tmp_path):
    (tmp_path / "a").write_bytes(b"caf\xe9")
    with pytest.raises(UserError, match="a: not UTF-8 at byte 3"):
        read_text(tmp_path / "a")


def test_appended_parts_are_put_in_place(tmp_path):
    append_bytes(tmp_path / "new" / "a.part", b"one ")
    append_bytes(tmp_path / "new" / "a.part", b"two")
    (tmp_path / "new" / "a").write_bytes(b"old")
    put_in_place(tmp_path / "new" / "a.part", tmp_path / "new" / "a")
    assert (tmp_path / "new" / "a").read_bytes() == b"one two"
    assert [entry.name for entry in (tmp_path / "new").iterdir()] == ["a"]
    with pytest.raises(UserError, match="cannot write"):
        append_bytes(tmp_path, b"x")
    with pytest.raises(UserError, match="cannot write"):
        put_in_place(tmp_path / "missing", tmp_path / "b")
