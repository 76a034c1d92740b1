"""What a layer and a signal are called in one word: ``"2/cell"``."""

from probe.activations.block import LayerSignal
from probe.activations.signal import OUTPUT, SIGNALS
from probe.errors import UserError

LONGEST = 200
KNOWN = (*SIGNALS, OUTPUT)


def joined(source: LayerSignal) -> str:
    """Return ``("2", "cell")`` as ``"2/cell"``."""
    return "/".join(source)


def parted(name: object) -> LayerSignal:
    """Return the layer and the signal that ``name`` means, a pair or one word; a layer alone gives its ``output``.

    Raises:
        UserError: it is neither, its signal is unknown, or its layer has no name that can be shown.
    """
    if isinstance(name, tuple) and len(name) == 2:
        layer, signal = name
    elif isinstance(name, str):
        layer, _, signal = name.rpartition("/")
        if not layer or signal not in KNOWN:
            layer, signal = name, OUTPUT
    else:
        raise UserError(f"activations are named by (layer, signal) or by one word such as '2/cell'; received {name!r}")
    if signal not in KNOWN:
        raise UserError(f"a signal must be one of {', '.join(KNOWN)}; received {signal!r}")
    if not isinstance(layer, str) or not layer or not layer.isprintable() or len(layer) > LONGEST:
        raise UserError(f"the name of a layer must be 1 to {LONGEST} printable characters; received {layer!r:.250}")
    return layer, signal
