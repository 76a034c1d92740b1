"""Where the passes of a scan run, and how what they collect is merged: here, one part after the other."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol, Self, TypeVar

from probe.activations import Blocks
from probe.corpus import Segment
from probe.options import Options, option
from probe.progress import progress_bar

# A part has so many characters at least: 32 segments that are rolled, of 16 each.
SHORTEST_PART = 512


@dataclass(frozen=True)
class EngineOptions(Options):
    """Where a scan runs, and in how many parts."""

    dask: str | None = option(None, "read on a Dask cluster: the address of its scheduler, or 'local' for a process on "
                              "each core of this machine")
    parts: int | None = option(None, "parts into which each text is cut, of at least 512 characters; labels are "
                               "rolled within each [1, or with --dask as many as there are workers]", minimum=1,
                               maximum=1_000_000)


class Mergeable(Protocol):
    """What a pass collects."""

    def merge(self, other: Self) -> None:
        """Take in all that ``other`` has seen of another part of the text."""


class Part(Protocol):
    """What a task is done on: the activations of a part of a text, or whatever else reads one."""

    @property
    def segment(self) -> Segment:
        """The characters that are read."""


Collected = TypeVar("Collected", bound=Mergeable)


class Engine(Protocol):
    """Runs a pass over the parts of a text."""

    @property
    def parts(self) -> int:
        """Into how many parts a text is cut."""

    @property
    def asked(self) -> bool:
        """Whether somebody asked for so many parts: a text too short for them is cut into fewer only if not."""

    def run(self, task: Callable[..., Collected], parts: Sequence[Part], name: str, *, show: bool) -> Collected:
        """Return what ``task`` collects on all parts, merged.

        Args:
            task: a part → what was collected on it.
            parts: in the order of the text, if they are parts of one.
            name: what is done, for the progress bar.
            show: whether to show progress.
        """


class Local:
    """Runs in this process.

    Args:
        parts: into how many parts a text is cut. One is best here; others give what a cluster of so many gives.
    """

    asked = True

    def __init__(self, parts: int = 1) -> None:
        self.parts = parts

    def run(self, task: Callable[..., Any], parts: Sequence[Part], name: str, *, show: bool) -> Any:
        """Return what ``task`` collects on all parts, one after the other."""
        with progress_bar(sum(len(part.segment) for part in parts), name, show=show) as bar:
            return in_pairs((task(part, lambda block: bar.update(block.losses.size)) for part in parts), _merged)


@contextmanager
def engine_for(options: EngineOptions) -> Iterator[Engine]:
    """Give the engine that options ask for, while it is needed.

    Raises:
        UserError: Dask is not installed, or there is no such cluster.
    """
    if options.dask is None:
        yield Local(options.parts or 1)
        return
    from probe.scan.cluster import Cluster  # and Dask with it

    with Cluster(options.dask, options.parts) as cluster:
        yield cluster


def in_pairs(collected: Iterable[Any], merge: Callable[[Any, Any], Any]) -> Any:
    """Merge neighbours to pairs, these to pairs of pairs, and so on: the order in which every engine merges.

    What is rounded differently in another order is then rounded alike everywhere.

    Args:
        collected: what was collected on each part of a text, in its order; one at least. Of n at most log₂ n + 2 are
            there at a time.
        merge: two neighbours → both of them, merged.
    """
    waiting: list[tuple[int, Any]] = []
    for each in collected:
        size, whole = 1, each
        while waiting and waiting[-1][0] == size:
            whole, size = merge(waiting.pop()[1], whole), 2 * size
        waiting.append((size, whole))
    whole = waiting.pop()[1]
    while waiting:
        whole = merge(waiting.pop()[1], whole)
    return whole


def _merged(first: Any, second: Any) -> Any:
    first.merge(second)
    return first


def most_parts(characters: int) -> int:
    """Return into how many parts a text can be cut."""
    return max(1, characters // SHORTEST_PART)


def parts_of(blocks: Any, parts: int) -> list[Blocks]:
    """Return the activations of equal parts of a text, at most so many: all have at least 512 characters."""
    start, length = blocks.segment.start, len(blocks.segment)
    parts = min(parts, most_parts(length))
    if parts == 1:
        return [blocks]
    cuts = [start + length * part // parts for part in range(parts + 1)]
    return [blocks.part(first, last) for first, last in zip(cuts, cuts[1:], strict=False)]
