"""The live box of a page: the network itself, packed for the page's script, which runs it on what is typed."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from markupsafe import Markup

from probe.errors import UserError
from probe.gallery.claims import Claims
from probe.gallery.excerpt import excerpt
from probe.gallery.views import scaling_by_signal
from probe.gallery.wording import words
from probe.render.bounds import bounds_of
from probe.render.graphemes import visible
from probe.render.page import script_json
from probe.render.scaling import RAW
from probe.scan.finding import Finding
from probe.scan.findings import Findings
from probe.scan.weights import Network

SIGNALS = ("hidden", "cell", "input_gate", "forget_gate", "candidate", "output_gate")
NAMES = {" ": "space", "\n": "newline", "\t": "tab", "\N{NO-BREAK SPACE}": "no-break space"}

# Characters of a passage that stand in the box when the page opens.
OPENING = 280


@dataclass(frozen=True)
class LiveBox:
    """What the template and the script of the live box are given.

    Attributes:
        ideas: the best unit of each pattern that has one: words, layer, signal, unit.
        layers, signals: their names.
        others: whether the network reads characters outside its vocabulary, all as one.
        data: the packed network, as JSON for a script element.
    """

    ideas: Sequence[tuple[str, str, str, int]]
    layers: Sequence[str]
    signals: Sequence[str]
    others: bool
    data: Markup

    @classmethod
    def of(cls, findings: Findings, made: Claims) -> Self:
        """Return the live box of a page.

        Args:
            findings: with the network.
            made: what they bear; the box opens with the unit that opens the page.

        Raises:
            UserError: the findings hold no network, or none of its units.
        """
        network = findings.network
        if network is None:
            raise UserError("--live needs the network, and these findings were made without it; 'probe scan RUN "
                            "--live' keeps it with them")
        layers = {layer: network.units(layer) for layer in network.layers}
        best = [finding for finding in findings.findings if finding.rank == 1 and finding.signal in SIGNALS
                and finding.unit < layers.get(finding.layer, 0)]
        if not best:
            raise UserError("--live: no unit that was found is one of the network that is kept with these findings")
        opening = made.clearest.finding if made.clearest and made.clearest.finding in best else best[0]
        data = packed_network(network) | {
            "signals": {signal: _view(signal) for signal in SIGNALS},
            "ideas": [[visible(finding.layer), finding.signal, finding.unit] for finding in best],
            "first": best.index(opening), "text": _opening_text(findings, opening),
        }
        return cls([(words(finding.pattern), finding.layer, words(finding.signal), finding.unit) for finding in best],
                   network.layers, SIGNALS, network.unknown, script_json(data))


def packed_network(network: Network) -> dict[str, Any]:
    """Return a network as JSON values, its matrices so laid that a script reads them straight through.

    All are base64 of float32, little-endian. Of each layer: ``start`` (V, U, 4), what each character gives the gates i,
    f, g, o of each unit in the first layer, or (1, U, 4), the bias, in the others; ``weights`` (U, ``depth``, 4) on
    what a unit reads, h of the layer below and then of its own. Of the output layer: ``start`` (V,) and ``weights``
    (V, U).
    """
    layers = []
    for number, layer in enumerate(network.layers):
        kernel, recurrent, bias = (network.arrays[f"{layer}/{name}"] for name in ("kernel", "recurrent_kernel", "bias"))
        start, reads = (kernel + bias, recurrent) if number == 0 else (bias[np.newaxis],
                                                                       np.concatenate([kernel, recurrent]))
        layers.append({"name": visible(layer), "units": network.units(layer), "depth": len(reads),
                       "start": _base64(_gates_last(start)),
                       "weights": _base64(np.swapaxes(_gates_last(reads), 0, 1))})
    return {
        "gate": network.gate, "layers": layers, "characters": network.characters,
        "other": len(network.characters) if network.unknown else None,
        "names": [NAMES.get(character, visible(character)) for character in network.characters] + ["another character"],
        "output": {"start": _base64(network.arrays["output/bias"]),
                   "weights": _base64(network.arrays["output/kernel"].T)},
    }


def _gates_last(columns: np.ndarray) -> np.ndarray:
    """Columns (R, 4U) in the order of gates as (R, U, 4)."""
    return np.swapaxes(columns.reshape(len(columns), 4, -1), 1, 2)


def _view(signal: str) -> dict[str, Any]:
    """How a signal is brought to colours: the values at the ends of ``raw``, and the scaling that suits it."""
    bounds = bounds_of(signal)
    return {"ends": RAW.within(bounds).ends, "by_signal": scaling_by_signal(bounds).name}


def _opening_text(findings: Findings, opening: Finding) -> str:
    passage = findings.passages[opening.passage]
    column = next(place for place, note in enumerate(findings.patterns) if note.name == opening.pattern)
    start, stop = excerpt(passage.text, passage.labels[:, column], OPENING)
    return passage.text[start:stop]


def _base64(values: np.ndarray) -> str:
    """Float32, little-endian."""
    return base64.b64encode(np.ascontiguousarray(values, "<f4").tobytes()).decode("ascii")
