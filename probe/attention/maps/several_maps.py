"""Several attention maps, looked at together."""

import os
import shutil
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

from probe.attention.maps.attention_map import AttentionMap
from probe.errors import UserError, quoted
from probe.render.map_html import maps_fragment, write_maps
from probe.render.map_panel import MapPanel
from probe.render.map_terminal import maps_text
from probe.render.terminal import colour_depth

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class AttentionMaps(Sequence[AttentionMap]):
    """Maps in their order, with the views of one.

    Args:
        maps: at least one.
        title: what stands above them all.

    Raises:
        UserError: there are none, or one is no map.
    """

    def __init__(self, maps: Iterable[AttentionMap], title: str = "") -> None:
        self._items = tuple(maps)
        self.title = title
        if not self._items:
            raise UserError("attention maps must be at least one; received none")
        odd = [each for each in self._items if not isinstance(each, AttentionMap)]
        if odd:
            raise UserError(f"attention maps must be of type AttentionMap; received {quoted(repr(odd[0]))}")

    @overload
    def __getitem__(self, place: int) -> AttentionMap: ...

    @overload
    def __getitem__(self, place: slice) -> "AttentionMaps": ...

    def __getitem__(self, place: int | slice) -> "AttentionMap | AttentionMaps":
        """Return one map, or those of a range under the same title."""
        if isinstance(place, slice):
            return AttentionMaps(self._items[place], self.title)
        return self._items[place]

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._items)

    def __iter__(self) -> Iterator[AttentionMap]:
        """Yield them in their order."""
        return iter(self._items)

    @property
    def panels(self) -> tuple[MapPanel, ...]:
        """What every view shows."""
        return tuple(each.panel for each in self._items)

    def _repr_html_(self) -> str:
        """Return the view that a notebook shows."""
        return str(maps_fragment(self.panels, self.title))

    def to_html(self, path: str | Path) -> Path:
        """Write all on one offline HTML page to ``path``, atomically, and return ``path``."""
        return write_maps(Path(path), self.panels, self.title)

    def to_terminal(self, width: int, depth: str) -> str:
        """Return lines of at most ``width`` columns for a terminal of colour ``depth``: none, 256 or truecolor."""
        return maps_text(self.panels, width, depth)

    def __str__(self) -> str:
        """Return the view for standard output as it is now: its width, and the colours it takes."""
        depth = colour_depth(sys.stdout.isatty(), os.environ)
        return self.to_terminal(shutil.get_terminal_size().columns, depth)

    def __repr__(self) -> str:
        """Return one line; ``print`` shows the maps."""
        return f"AttentionMaps({', '.join(map(repr, self._items[:3]))}{', …' if len(self) > 3 else ''})"

    def figure(self, width: float | None = None) -> "Figure":
        """Return the maps beside and below each other as a matplotlib figure.

        :func:`probe.render.save_figure` writes it.

        Args:
            width: inches. Defaults to a page.
        """
        from probe.render.map_figure import maps_figure
        from probe.render.paper import PAGE

        return maps_figure(self.panels, PAGE if width is None else width)

    def to_json(self) -> list[dict[str, Any]]:
        """Return the plain values of each."""
        return [each.to_json() for each in self._items]

    @classmethod
    def from_json(cls, values: Any, title: str = "") -> "AttentionMaps":
        """Return the maps whose :meth:`to_json` is ``values``, under a title.

        Raises:
            UserError: it is no list, or one of them is no map.
        """
        if not isinstance(values, list):
            raise UserError(f"attention maps must be a list; received {type(values).__name__}")
        return cls(map(AttentionMap.from_json, values), title)
