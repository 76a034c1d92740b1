"""What was read for each token that was put out: weights of attention, checked, and shown as page, figure and text."""

import dataclasses
import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from probe.attention.maps.map_checks import check_map
from probe.render.map_html import maps_fragment, write_maps
from probe.render.map_panel import MapPanel
from probe.render.map_terminal import maps_text
from probe.render.terminal import colour_depth

if TYPE_CHECKING:
    from matplotlib.figure import Figure

KIND, VERSION = "attention map", 1


@dataclass(frozen=True, eq=False)
class AttentionMap:
    """How much each token of the source was attended to for each token of the target.

    Attributes:
        source: S tokens, characters or words, as they were read.
        target: T tokens that were put out, or positions that asked.
        weights: (H, T, S) float64, for H heads; none below 0, and each row sums to one.
        probabilities: (T,) float64 of each token that was put out, in (0, 1].
        effects: (T, S) float64, nats: the log-probability of a token of the target with a token of the source hidden,
            minus without: below 0 where hiding it hurts.
        heading: what stands above, such as ``"2016-11-05, probability 0.98"``.
        remarks: lines below.
        heads: names of the heads, one each; numbered from 0 unless told.

    Raises:
        UserError: shapes disagree, a number is not finite or out of range, or a row does not sum to one.
    """

    source: tuple[str, ...]
    target: tuple[str, ...]
    weights: np.ndarray
    probabilities: np.ndarray | None = None
    effects: np.ndarray | None = None
    heading: str = ""
    remarks: tuple[str, ...] = ()
    heads: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        check_map(self)
        for name in ("weights", "probabilities", "effects"):
            if getattr(self, name) is not None:
                object.__setattr__(self, name, _kept(getattr(self, name)))
        for name in ("source", "target", "remarks", "heads"):
            object.__setattr__(self, name, tuple(getattr(self, name)))

    @classmethod
    def from_model(cls, model: Any, layer: Any, source: Any, target: Any = None, *,
                   source_tokens: Sequence[str] | None = None, target_tokens: Sequence[str] | None = None,
                   call: int | None = 0, pad: int | None = None, keep_pads: bool = False) -> "AttentionMap":
        """Return what an attention layer of a Keras model attends to in one example.

        The model reads the example as it would without being looked at, and is left as it was: weights, seeds, states.

        Args:
            model: a built ``keras.Model``: Sequential, functional, nested, or with a ``call`` of its own.
            layer: its ``Attention``, ``AdditiveAttention``, ``MultiHeadAttention`` or ``GroupQueryAttention``: the
                layer, its name, or its index among these.
            source: what the model reads, without a batch axis: ids (S,), vectors (S, D), or a mapping of names of
                inputs to arrays, whose first is the source.
            target: the second input, or a mapping in the same way; None for a model that has none.
            source_tokens: S strings, or as many as are no padding. Defaults to the ids as words.
            target_tokens: T strings, or as many as are no padding. Defaults to the ids as words.
            call: which call of a layer that the model calls several times; None for all, one below the other.
            pad: the id of padding, where the model does not mask it itself.
            keep_pads: whether masked positions are shown too, and rows that ask from them as far as they have weights.

        Raises:
            UserError: there is no such layer, the example does not fit the model, or the layer gives no weights, such
                that are no shares, or weight to what it masks.
        """
        from probe.attention.maps.from_model import map_of_model

        return map_of_model(model, layer, source, target, source_tokens, target_tokens, call, pad, keep_pads)

    @property
    def panel(self) -> MapPanel:
        """What every view shows."""
        return MapPanel(**{each.name: getattr(self, each.name) for each in dataclasses.fields(self)})

    def _repr_html_(self) -> str:
        """Return the view that a notebook shows."""
        return str(maps_fragment((self.panel,)))

    def to_html(self, path: str | Path) -> Path:
        """Write one offline HTML page to ``path``, atomically, and return ``path``."""
        return write_maps(Path(path), (self.panel,))

    def to_terminal(self, width: int, depth: str) -> str:
        """Return lines of at most ``width`` columns for a terminal of colour ``depth``: none, 256 or truecolor."""
        return maps_text((self.panel,), width, depth)

    def __str__(self) -> str:
        """Return the view for standard output as it is now: its width, and the colours it takes."""
        depth = colour_depth(sys.stdout.isatty(), os.environ)
        return self.to_terminal(shutil.get_terminal_size().columns, depth)

    def __repr__(self) -> str:
        """Return one line; ``print`` shows the map."""
        heads = f"{len(self.weights)} heads, " if len(self.weights) > 1 else ""
        return f"AttentionMap({self.heading!r}, {heads}{len(self.target):,} × {len(self.source):,} tokens)"

    def figure(self, width: float | None = None) -> "Figure":
        """Return the map as a matplotlib figure; :func:`probe.render.save_figure` writes it.

        Args:
            width: inches. Defaults to a page.
        """
        from probe.render.map_figure import maps_figure
        from probe.render.paper import PAGE

        return maps_figure((self.panel,), PAGE if width is None else width)

    def to_json(self) -> dict[str, Any]:
        """Return plain values, all of them finite, that :meth:`from_json` reads back to the last bit."""
        fields = {each.name: getattr(self, each.name) for each in dataclasses.fields(self)}
        plain = {name: value.tolist() if isinstance(value, np.ndarray) else value for name, value in fields.items()}
        lists = {name: list(value) for name, value in fields.items() if isinstance(value, tuple)}
        return {"kind": KIND, "version": VERSION, **plain, **lists}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "AttentionMap":
        """Return the map whose :meth:`to_json` is ``values``.

        Raises:
            UserError: a field is missing, unknown or of another type, or the version is another one.
        """
        from probe.attention.maps.plain_form import map_of

        return map_of(values)


def _kept(numbers: Any) -> np.ndarray:
    """A copy in float64 that nobody writes to."""
    array = np.array(numbers, np.float64)
    array.setflags(write=False)
    return array
