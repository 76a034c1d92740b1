"""The only room that opens or writes files: atomic replacement, checksummed manifests, arrays on disk, locks."""

from probe.files.archive import extract_member
from probe.files.arrays import ArrayWriter, open_array
from probe.files.atomic import make_folder, replace_bytes, replace_file, replace_text, utf_8
from probe.files.bundle import read_bundle, write_bundle
from probe.files.folders import check_writable, restore_folder, whole_files, whole_folder
from probe.files.journal import append_line, journal_size, read_lines, truncate_journal
from probe.files.leftovers import is_leftover, remove_files, remove_folder, remove_leftovers
from probe.files.lock import LOCKS, FolderLock, Holder, is_held, read_holder
from probe.files.manifest import check_kind, read_manifest, write_manifest
from probe.files.matrix import MatrixWriter
from probe.files.near import near_path
from probe.files.npz import open_npz, write_npz
from probe.files.partial import append_bytes, put_in_place
from probe.files.reading import (
    LARGEST_JSON,
    check_plain,
    iterate_bytes,
    read_bytes,
    read_json,
    read_text,
    sha256_of,
    size_of,
)
from probe.files.steady import read_folder

__all__ = [
    "LARGEST_JSON", "LOCKS", "ArrayWriter", "FolderLock", "Holder", "MatrixWriter", "append_bytes", "append_line",
    "check_kind", "check_plain", "check_writable", "extract_member", "is_held", "is_leftover", "iterate_bytes",
    "journal_size", "make_folder", "near_path", "open_array", "open_npz", "put_in_place", "read_bundle", "read_bytes",
    "read_folder", "read_holder", "read_json", "read_lines", "read_manifest", "read_text", "remove_files",
    "remove_folder", "remove_leftovers", "replace_bytes", "replace_file", "replace_text", "restore_folder",
    "sha256_of", "size_of", "truncate_journal", "utf_8", "whole_files", "whole_folder", "write_bundle",
    "write_manifest", "write_npz",
]
