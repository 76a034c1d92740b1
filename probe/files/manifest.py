"""Small JSON files that carry their own format version and checksum."""

import hashlib
import json
from pathlib import Path
from typing import Any

from probe.errors import NewerFormat, UserError, quoted
from probe.files.atomic import replace_text
from probe.files.reading import read_json


def write_manifest(path: Path, kind: str, version: int, content: dict[str, Any]) -> None:
    """Replace ``path`` atomically by ``content`` with its kind, format version and checksum.

    Args:
        path: where to write.
        kind: what the manifest describes, for example ``"run"``.
        version: format version of ``content``.
        content: JSON values only.
    """
    manifest = {"kind": kind, "version": version, "sha256": _checksum(kind, version, content), "content": content}
    replace_text(path, json.dumps(manifest, indent=1, ensure_ascii=True, allow_nan=False) + "\n")


def read_manifest(path: Path, kind: str, version: int) -> dict[str, Any]:
    """Return the content of the manifest at ``path``.

    Raises:
        NewerFormat: it was written by a newer probe, and is whole.
        UserError: missing, damaged (its checksum fails), of another kind, or of another format version.
    """
    manifest = read_json(path)
    if not isinstance(manifest, dict) or set(manifest) != {"kind", "version", "sha256", "content"}:
        raise UserError(f"{path}: not a manifest written by probe")
    if manifest["kind"] != kind:
        raise UserError(f"{path}: describes a {manifest['kind']!r}, and a {kind!r} is needed here")
    found, content = manifest["version"], manifest["content"]
    if not _is_version(found, version):
        whole = isinstance(content, dict) and _matches(manifest["sha256"], kind, found, content)
        kind_of_error = NewerFormat if whole and type(found) is int and found > version else UserError
        raise kind_of_error(f"{path}: {other_version(found, version)}")
    if not isinstance(content, dict) or not _matches(manifest["sha256"], kind, version, content):
        raise UserError(f"{path}: damaged: its checksum does not match its content")
    return content


def other_version(found: Any, known: int) -> str:
    """Return what to say of a format version that is not the ``known`` one."""
    if type(found) is int and found > known:
        return (f"was written by a newer probe: it has format version {found!r:.40}; this probe reads version {known}: "
                "update probe to open it")
    return f"has format version {found!r:.40}, which no release of probe wrote; this probe reads version {known}"


def check_kind(values: Any, name: str, kind: str, version: int) -> None:
    """Raise :class:`UserError` if plain values do not say that they are of a kind and of a format version.

    Args:
        values: what was read of JSON.
        name: what they are called in the message.
        kind, version: values of their fields ``kind`` and ``version``.
    """
    if not isinstance(values, dict) or values.get("kind") != kind:
        received = str(values.get("kind")) if isinstance(values, dict) else type(values).__name__
        raise UserError(f"{name} must be an object of the kind {kind!r}; received {quoted(received)}")
    if not _is_version(found := values.get("version"), version):
        raise UserError(f"{name}: {other_version(found, version)}")


def _is_version(found: Any, version: int) -> bool:
    return type(found) is int and found == version  # JSON's true and 1.0 are no versions, though Python's == says so


def _matches(sha256: Any, kind: str, version: int, content: dict[str, Any]) -> bool:
    try:
        return bool(sha256 == _checksum(kind, version, content))
    except (ValueError, RecursionError):  # NaN, or too deep: never written by write_manifest
        return False


def _checksum(kind: str, version: int, content: dict[str, Any]) -> str:
    canonical = json.dumps([kind, version, content], sort_keys=True, ensure_ascii=True, allow_nan=False)
    return hashlib.sha256(canonical.encode("ascii")).hexdigest()
