"""Giving a changed folder the checksums that go with it, as somebody would who means harm."""

import contextlib
import hashlib
import json
from pathlib import Path
from typing import Any

KEYS = {"kind", "version", "sha256", "content"}


def seals(folder: Path) -> dict[Path, tuple[str, int]]:
    """Return the checksum and the size of each file in a folder."""
    return {path.relative_to(folder): (hashlib.sha256(path.read_bytes()).hexdigest(), path.stat().st_size)
            for path in folder.rglob("*")
            if path.is_file() and not path.is_symlink() and path.stat().st_size < 1 << 28}


def content_of(path: Path) -> Any:
    """Return the content of a manifest."""
    return json.loads(path.read_bytes())["content"]


def seal(path: Path, content: Any) -> None:
    """Give a manifest another content, and the checksum of that."""
    manifest = json.loads(path.read_bytes())
    canonical = json.dumps([manifest["kind"], manifest["version"], content], sort_keys=True)
    manifest |= {"content": content, "sha256": hashlib.sha256(canonical.encode()).hexdigest()}
    path.write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")


def is_manifest(path: Path) -> bool:
    """Return whether a file is a manifest, with a checksum of its content."""
    if path.suffix != ".json" or path.is_symlink() or not path.is_file():
        return False
    try:
        value = json.loads(path.read_bytes())
    except (ValueError, RecursionError):
        return False
    return isinstance(value, dict) and value.keys() == KEYS


def reseal(folder: Path, before: dict[Path, tuple[str, int]]) -> None:
    """Write the checksums and sizes of files that have changed into every manifest that had them.

    Args:
        folder: which was changed.
        before: its :func:`seals` before.
    """
    for _ in range(4):  # checksums of manifests stand in manifests
        after = seals(folder)
        changed = {before[name]: after[name] for name in before if name in after and before[name] != after[name]}
        if not changed:
            return
        by_sha = {old[0]: new[0] for old, new in changed.items()}
        sizes = {old[1]: new[1] for old, new in changed.items()}
        for path in sorted(folder.rglob("*.json")):
            if is_manifest(path):
                with contextlib.suppress(ValueError, RecursionError):  # numbers and depths that only hands write
                    content = content_of(path)
                    replaced = _replaced(content, by_sha, sizes)
                    if replaced != content:
                        seal(path, replaced)
        before = {name: after.get(name, old) for name, old in before.items()}


def _replaced(value: Any, by_sha: dict[str, str], sizes: dict[int, int]) -> Any:
    if isinstance(value, str):
        return by_sha.get(value, value)
    if isinstance(value, list):
        made = [_replaced(each, by_sha, sizes) for each in value]
        if len(value) == 2 and isinstance(value[1], str) and value[1] in by_sha:
            made[0] = sizes.get(value[0], made[0]) if isinstance(value[0], int) else made[0]
        return made
    if isinstance(value, dict):
        return {name: _replaced(each, by_sha, sizes) for name, each in value.items()}
    return value
