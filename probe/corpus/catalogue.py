"""Known corpora: what they are, under which licence, and how they come into the user's cache."""

import importlib.resources
import os
import re
import sys
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from probe.corpus.decoding import check_encoding
from probe.errors import UserError
from probe.files import (
    FolderLock,
    extract_member,
    put_in_place,
    read_bytes,
    read_manifest,
    replace_bytes,
    sha256_of,
    size_of,
    write_manifest,
)
from probe.options import named

KIND, VERSION = "corpus receipt", 1
CACHE_VARIABLE = "PROBE_CACHE"
LARGEST = 1 << 32


@dataclass(frozen=True)
class Entry:
    """One corpus of the catalogue.

    Attributes:
        name: what it is called on the command line.
        title: what it is.
        licence: under which terms it may be used.
        addresses: where it is, the first being tried first.
        encoding: of the text.
        bytes, sha256: of the download; None where its publisher replaces it by new editions.
        member: the text inside a zip archive; None if the download is the text.
        member_bytes: the most that the member may unpack to.
        after, before: how the lines begin between which the text lies; None if it is the whole.
    """

    name: str
    title: str
    licence: str
    addresses: tuple[str, ...]
    encoding: str
    bytes: int | None = None
    sha256: str | None = None
    member: str | None = None
    member_bytes: int = LARGEST
    after: str | None = None
    before: str | None = None


@dataclass(frozen=True)
class Receipt:
    """What is known of a corpus in the cache.

    Attributes:
        address: where it came from.
        bytes, sha256: of the download.
        text_sha256: of the text that was taken from it.
        first_use: whether the checksum was trusted at the first download, because the catalogue has none.
    """

    address: str
    bytes: int
    sha256: str
    text_sha256: str
    first_use: bool


def catalogue() -> dict[str, Entry]:
    """Return the known corpora by name."""
    packaged = importlib.resources.files("probe").joinpath("corpora", "catalogue.toml")
    if packaged.is_file():
        content = packaged.read_text("utf-8")
    else:  # in a source tree the catalogue lies beside the package
        content = (Path(__file__).parents[2] / "corpora" / "catalogue.toml").read_text("utf-8")
    return entries_in(content, "the catalogue")


def entries_in(content: str, place: str) -> dict[str, Entry]:
    """Return the entries of a catalogue.

    Args:
        content: TOML, a table for each entry.
        place: what to call it in messages.

    Raises:
        UserError: it is not TOML, or an entry is not what :class:`Entry` says: a name that could be another folder than
            its own, an address that is not of the web, a field that is missing, unknown or of another type.
    """
    try:
        tables = tomllib.loads(content)
        repr(tables)  # fails where a whole number has thousands of digits, which no message could repeat
    except (tomllib.TOMLDecodeError, ValueError, RecursionError) as error:
        raise UserError(f"{place}: not readable as TOML: {error!s:.120}") from error
    return {name: _entry_of(name, table, f"{place}: {name!r:.60}") for name, table in tables.items()}


def cache_folder() -> Path:
    """Return where corpora are kept: ``$PROBE_CACHE/corpora``, else a folder in the user's cache."""
    if os.environ.get(CACHE_VARIABLE):
        return Path(os.environ[CACHE_VARIABLE]) / "corpora"
    import platformdirs

    return Path(platformdirs.user_cache_dir("probe", appauthor=False)) / "corpora"


def get(name: str, *, cache: str | Path | None = None, address: str | None = None, progress: bool = True,
        pause: float = 1.0) -> Path:
    """Return the text file of a known corpus, downloading it if it is not in the cache or was damaged there.

    Its checksum is the catalogue's. Where the catalogue has none, the first download is trusted, which is said on
    the standard error output, and later ones must agree with it.

    Args:
        name: a name in :func:`catalogue`.
        cache: where to keep it. Defaults to :func:`cache_folder`.
        address: another place to download it from.
        progress: whether to show a bar on a terminal, and to tell of a first use.
        pause: seconds before the second attempt at an address, doubled for each further one.

    Raises:
        UserError: no such name, no network, a wrong file, or the cache is not writable or in use.
    """
    from probe.corpus.download import Download

    entry = _entry(name)
    folder = Path(cache or cache_folder()) / name
    path = folder / f"{name}.txt"
    if _is_whole(path, receipt(name, cache=cache)):
        return path
    with FolderLock(folder, f"downloading {name}"):
        known = receipt(name, cache=cache)
        if _is_whole(path, known):
            return path
        arriving = folder / f"{name}.part"
        addresses = (address,) if address else entry.addresses
        download = Download(arriving, addresses, name, entry.bytes, pause=pause)
        came_from = download.run(progress)
        try:
            sha256 = _checked(arriving, entry, known, came_from, folder)
            size = arriving.stat().st_size
            unpack_into(arriving, entry, path)
        finally:
            download.forget()
        fresh = Receipt(came_from, size, sha256, sha256_of(path), entry.sha256 is None)
        write_manifest(folder / "receipt.json", KIND, VERSION, asdict(fresh))
    if progress and fresh.first_use and known is None:
        print(f"{name}: the catalogue has no checksum; trusted on first use: sha256 {sha256}", file=sys.stderr)
    return path


def receipt(name: str, *, cache: str | Path | None = None) -> Receipt | None:
    """Return what is known of a corpus in the cache, None if it was not downloaded.

    Raises:
        UserError: the record is damaged.
    """
    path = Path(cache or cache_folder()) / name / "receipt.json"
    if not path.exists():
        return None
    try:
        return Receipt(**read_manifest(path, KIND, VERSION))
    except TypeError as error:
        raise UserError(f"{path}: not the record of a download; delete it") from error


def _entry_of(name: str, table: Any, where: str) -> Entry:
    """The entry that a table describes."""
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,62}", name):
        raise UserError(f"{where}: a name must be of small letters, digits and hyphens")
    known = {each.name: each.default for each in fields(Entry) if each.name != "name"}
    needed = {"title", "licence", "addresses", "encoding"}
    if not isinstance(table, Mapping) or not needed <= table.keys() <= known.keys():
        raise UserError(f"{where}: must have {', '.join(sorted(needed))}, and may have "
                        f"{', '.join(sorted(known.keys() - needed))}")
    addresses = table["addresses"]
    if not isinstance(addresses, list) or not addresses or not all(
            isinstance(each, str) and re.fullmatch(r"https?://[!-~]+", each) for each in addresses):
        raise UserError(f"{where}: addresses must be a list of addresses that begin with http:// or https://")
    for field, value in table.items():
        if field in ("bytes", "member_bytes"):
            if type(value) is not int or not 0 < value < 1 << 63:
                raise UserError(f"{where}: {field} must be a whole number from 1; received {value!r:.40}")
        elif field != "addresses" and (not isinstance(value, str) or not value.isprintable() or not value):
            raise UserError(f"{where}: {field} must be a printable text; received {value!r:.40}")
    if not re.fullmatch("[0-9a-f]{64}", table.get("sha256", "0" * 64)):
        raise UserError(f"{where}: sha256 must be 64 hexadecimal digits; received {table['sha256']!r:.80}")
    try:
        check_encoding(table["encoding"])
    except UserError as error:
        raise UserError(f"{where}: {error}") from error
    return Entry(name, **{**table, "addresses": tuple(addresses)})


def _entry(name: str) -> Entry:
    return named("corpus", name, catalogue())


def _is_whole(path: Path, known: Receipt | None) -> bool:
    """Whether a text is the one that was fetched. No text is larger than what is fetched at most: a larger file is not
    read to the end."""
    return known is not None and 0 < (size_of(path) or 0) <= LARGEST and sha256_of(path) == known.text_sha256


def _checked(arriving: Path, entry: Entry, known: Receipt | None, address: str, folder: Path) -> str:
    """Return the checksum of the download, if it is the one expected."""
    sha256 = sha256_of(arriving)
    if entry.sha256 is not None and sha256 != entry.sha256:
        raise UserError(f"{entry.name}: {address} gives another file than the catalogue's: its sha256 is {sha256}, "
                        f"and {entry.sha256} is expected; it was removed")
    if entry.sha256 is None and known is not None and sha256 != known.sha256:
        raise UserError(f"{entry.name}: {address} gives another file than at the first download: its sha256 is "
                        f"{sha256}, and {known.sha256} is expected; it was removed; delete "
                        f"{folder / 'receipt.json'} to accept a new edition")
    return sha256


def unpack_into(arriving: Path, entry: Entry, path: Path) -> None:
    """Turn a checked download into the text at ``path``.

    Raises:
        UserError: it is not the archive that the entry describes, or ``path`` is not writable.
    """
    if entry.member is not None:
        extract_member(arriving, entry.member, path, entry.member_bytes)
    elif entry.after is not None or entry.before is not None:
        replace_bytes(path, _between(read_bytes(arriving), entry.after, entry.before))
    else:
        put_in_place(arriving, path)


def _between(text: bytes, after: str | None, before: str | None) -> bytes:
    """Return the lines of ``text`` between two marks; a mark that does not occur cuts nothing."""
    lines = text.splitlines(keepends=True)
    starts = [number + 1 for number, line in enumerate(lines) if after and line.startswith(after.encode())]
    stops = [number for number, line in enumerate(lines) if before and line.startswith(before.encode())]
    kept = lines[starts[0] if starts else 0:stops[-1] if stops else len(lines)]
    return b"".join(kept).strip(b"\r\n") + b"\n"
