"""What is on a disk, all of it, to be compared and to be put back."""

import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from probe.files import is_leftover

LOCKS = (".lock", "lock.json")
# What chance gives to the name of what is written aside.
CHANCE = re.compile(r"\.[a-z0-9_]{8}(?=\.(part|former)$)")


@dataclass(frozen=True)
class Tree:
    """Files and folders below a folder.

    Attributes:
        entries: path → content of a file, None for a folder.
    """

    entries: Mapping[str, bytes | None]

    @classmethod
    def of(cls, folder: Path) -> Self:
        """Read all that is there now."""
        return cls({path.relative_to(folder).as_posix(): None if path.is_dir() else path.read_bytes()
                    for path in sorted(folder.rglob("*"))})

    def put_back(self, folder: Path) -> None:
        """Let ``folder`` hold this and nothing else."""
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        for name, content in self.entries.items():
            if content is None:
                (folder / name).mkdir()
            else:
                (folder / name).write_bytes(content)

    def below(self, *names: str) -> "Tree":
        """What lies at and below names, or anywhere, but for locks and what is aside."""
        return Tree({path: content for path, content in self.entries.items()
                     if (not names or any(path == name or path.startswith(f"{name}/") for name in names))
                     and not any(part in LOCKS or is_leftover(Path(part)) for part in path.split("/"))})

    def leftovers(self) -> list[str]:
        """What writers left aside."""
        return [path for path in self.entries if any(is_leftover(Path(part)) for part in path.split("/"))]

    def differences(self, other: "Tree") -> list[str]:
        """Paths that are not the same in both."""
        return sorted(path for path in {*self.entries, *other.entries}
                      if (path in self.entries, self.entries.get(path)) != (path in other.entries,
                                                                            other.entries.get(path)))

    def key(self) -> frozenset[tuple[str, bytes | None]]:
        """The same for trees that differ in nothing but who signed, and what chance gave to names of what is aside."""
        return frozenset(("/".join(CHANCE.sub("", part) for part in path.split("/")),
                          b"" if path.endswith(LOCKS) else content) for path, content in self.entries.items())
