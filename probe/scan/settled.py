"""How much text a scan read that ended when its ranking was settled, as the provenance of its findings tells it."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Self

from probe.scan.typed import Typed, Unfit


@dataclass(frozen=True)
class Settled:
    """What is known of the best units.

    Attributes:
        read: characters that were read.
        of: characters of the text.
        top: how many units of each pattern were to be known.
        patterns: of which they are.
        open: that occurred, and of which they are not.
    """

    read: int
    of: int
    top: int
    patterns: tuple[str, ...]
    open: tuple[str, ...]

    @classmethod
    def restored(cls, made: Any, names: Collection[str]) -> Self:
        """Return it from JSON values, of a scan for the patterns ``names``.

        Raises:
            Unfit: the values are none.
        """
        settled: Self = Typed().read(cls, made, "provenance.settled")
        for name in (*settled.patterns, *settled.open):
            if name not in names:
                raise Unfit(f"provenance.settled names {name[:40]!r}, which is none of the patterns")
        return settled
