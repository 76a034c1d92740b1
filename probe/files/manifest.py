"""Small JSON files that carry their own format version and checksum."""

import hashlib
import json
from pathlib import Path
from typing import Any

from probe.errors import UserError
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
        UserError: missing, damaged (its checksum fails), of another kind, or of a newer format version.
    """
    manifest = read_json(path)
    if not isinstance(manifest, dict) or set(manifest) != {"kind", "version", "sha256", "content"}:
        raise UserError(f"{path}: not a manifest written by probe")
    if manifest["kind"] != kind:
        raise UserError(f"{path}: describes a {manifest['kind']!r}, and a {kind!r} is needed here")
    if manifest["version"] != version:
        newer = type(manifest["version"]) is int and manifest["version"] > version
        raise UserError(f"{path}: {'was written by a newer probe: it ' if newer else ''}has format version "
                        f"{manifest['version']!r}; this probe reads version {version}")
    content = manifest["content"]
    if not isinstance(content, dict) or not _matches(manifest["sha256"], kind, version, content):
        raise UserError(f"{path}: damaged: its checksum does not match its content")
    return content


def _matches(sha256: Any, kind: str, version: int, content: dict[str, Any]) -> bool:
    try:
        return bool(sha256 == _checksum(kind, version, content))
    except (ValueError, RecursionError):  # NaN, or too deep: never written by write_manifest
        return False


def _checksum(kind: str, version: int, content: dict[str, Any]) -> str:
    canonical = json.dumps([kind, version, content], sort_keys=True, ensure_ascii=True, allow_nan=False)
    return hashlib.sha256(canonical.encode("ascii")).hexdigest()
