"""Where the passes of a scan run: here, one part after the other."""

from collections.abc import Callable, Sequence
from typing import Any, Protocol, Self, TypeVar

from probe.activations import Blocks
from probe.progress import progress_bar


class Mergeable(Protocol):
    """What a pass collects."""

    def merge(self, other: Self) -> None:
        """Take in all that ``other`` has seen of another part of the text."""


Collected = TypeVar("Collected", bound=Mergeable)


class Engine(Protocol):
    """Runs a pass over the parts of a text."""

    @property
    def parts(self) -> int:
        """Into how many parts a text is cut."""

    def run(self, task: Callable[..., Collected], parts: Sequence[Blocks], name: str, *, show: bool) -> Collected:
        """Return what ``task`` collects on all parts, merged.

        Args:
            task: a part → what was collected on it.
            parts: the activations of the parts of a text, in its order.
            name: what is done, for the progress bar.
            show: whether to show progress.
        """


class Local:
    """Runs in this process.

    Args:
        parts: into how many parts a text is cut. One is best here; others give what a cluster of so many gives.
    """

    def __init__(self, parts: int = 1) -> None:
        self.parts = parts

    def run(self, task: Callable[..., Any], parts: Sequence[Blocks], name: str, *, show: bool) -> Any:
        """Return what ``task`` collects on all parts, one after the other."""
        with progress_bar(sum(len(part.segment) for part in parts), name, show=show) as bar:
            whole = None
            for part in parts:
                collected = task(part, lambda block: bar.update(block.losses.size))
                if whole is None:
                    whole = collected
                else:
                    whole.merge(collected)
        return whole


def parts_of(blocks: Any, parts: int) -> list[Blocks]:
    """Return the activations of equal parts of a text, at most so many: all have at least a character."""
    start, length = blocks.segment.start, len(blocks.segment)
    parts = min(parts, length)
    if parts == 1:
        return [blocks]
    cuts = [start + length * part // parts for part in range(parts + 1)]
    return [blocks.part(first, last) for first, last in zip(cuts, cuts[1:], strict=False)]
