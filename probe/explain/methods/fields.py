"""Which tokens each position of a layer has seen: its receptive field."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from math import prod
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from scipy.sparse import csr_array, eye_array, vstack

from probe.errors import UserError
from probe.explain.rules.windows import OUTSIDE, windows

if TYPE_CHECKING:
    from probe.explain.question.network import Network
    from probe.explain.question.step import Step

# Layers that compute each position from that position alone.
IN_PLACE = frozenset({
    "Activation", "ActivityRegularization", "AlphaDropout", "BatchNormalization", "Dense", "Dropout", "ELU",
    "GaussianDropout", "GaussianNoise", "GroupNormalization", "Identity", "LayerNormalization", "LeakyReLU", "Masking",
    "Normalization", "PReLU", "ReLU", "Rescaling", "Softmax", "SpatialDropout1D", "TimeDistributed",
    "UnitNormalization",
})
# Those that do not, if their axis is time.
BY_AXIS = frozenset({"LayerNormalization", "Softmax", "UnitNormalization"})
RECURRENT = frozenset({"LSTM", "GRU", "SimpleRNN", "RNN", "Bidirectional"})
ATTENTION = frozenset({"Attention", "AdditiveAttention", "MultiHeadAttention", "GroupQueryAttention"})
CONVOLUTIONS = frozenset({"Conv1D", "SeparableConv1D", "DepthwiseConv1D"})
POOLS = frozenset({"MaxPooling1D", "AveragePooling1D"})
MERGES = frozenset({"Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum"})
GLOBAL = frozenset({"GlobalMaxPooling1D", "GlobalAveragePooling1D"})

# A row for each position of a value, 1 where it has seen the token; None where a value has no positions.
Seen: TypeAlias = csr_array | None


@dataclass(frozen=True, eq=False)
class Fields:
    """The receptive fields of a layer.

    A recurrent layer's position has read every token before it, and through attention or a gate a position has read
    the whole text. Such a field would say nothing, so these positions stand for their own place, and a note says so.

    Attributes:
        seen: (T', T) sparse float64, 1 where a position has seen a token. A dilated convolution leaves holes; what a
            position sees of padding that a layer adds is no token.
        notes: what the fields do not tell.
    """

    seen: csr_array
    notes: tuple[str, ...]

    def shared(self, heatmap: np.ndarray) -> np.ndarray:
        """Return a map over positions as one over tokens, (B, T) float64, each weight in equal shares over its field.

        A weight says that something in the field mattered, not which token of it: equal shares favour none. As the
        shares of a position are 1 in sum, the map's sum stays what it was, whatever the stride or the edges; drawing
        the map out over the text keeps no sum and moves weight to tokens that the position has not seen. The weight of
        a position that saw no token at all is laid on none.

        Args:
            heatmap: (B, T') float64.
        """
        counts = self.seen.sum(axis=1)
        shares = np.divide(heatmap, counts, out=np.zeros_like(heatmap), where=counts > 0)
        return np.asarray((self.seen.T @ shares.T).T)


def fields_of(network: "Network", value: int, places: Sequence[int], length: int) -> Fields:
    """Return which of T tokens each position of a value has seen.

    Args:
        network: whose.
        value: number of the value after a layer.
        places: numbers of the values that hold the tokens.
        length: T.

    Raises:
        UserError: the value has no time axis, or a layer on the way moves positions so that they cannot be followed.
    """
    walk = _Walk(network, {place: eye_array(length, format="csr") for place in places})
    for step in path(network, value, places):
        walk.go(step)
    seen = walk.seen.get(value)
    if seen is None:
        raise UserError(f"layer {network.writer[value].name} has no positions that stand for tokens; interpolations "
                        "that need none work: linear, nearest, cubic")
    return Fields(seen, tuple(walk.notes))


def path(network: "Network", value: int, places: Sequence[int]) -> list["Step"]:
    """Return the steps that lead from the places to a value, in order."""
    wanted, steps = {value}.difference(places), []
    for step in reversed(network.steps):
        if wanted.intersection(step.writes):
            steps.append(step)
            wanted.update(set(step.reads).difference(places))
    after = frozenset[int]().union(*(network.downstream(place) for place in places))
    return [step for step in reversed(steps) if after.intersection(step.reads)]


@dataclass(eq=False)
class _Walk:
    """What has been seen so far, by number of the value; values that do not follow from the tokens are not there."""

    network: "Network"
    seen: dict[int, Seen]
    notes: dict[str, None] = field(default_factory=dict)

    def go(self, step: "Step") -> None:
        read = [self.seen[number] for number in step.reads if number in self.seen]
        for number in step.writes:
            shape = self.network.shape(number)
            rank = len(shape)
            mixes = rank < 3 and (step.kind not in IN_PLACE or step.kind == "Dense")
            followed = not mixes and any(each is not None for each in read)
            self.seen[number] = self._moved(step, read, shape) if followed else None

    def _moved(self, step: "Step", read: list[Seen], shape: tuple[int | None, ...]) -> Seen:
        if getattr(step.layer, "data_format", "channels_last") != "channels_last":
            raise self._lost(step)
        if step.kind in MERGES:
            return self._merged(step, read)
        if step.kind == "Concatenate":
            return self._joined(step, shape)
        first = self.seen.get(step.reads[0])
        if first is None:  # such as a decoder that starts from the state of an encoder
            return None
        if step.kind in IN_PLACE:
            if _over_time(step):
                self._note(step, "the whole text")
            return first
        if step.kind in RECURRENT or step.kind in ATTENTION:
            return self._read(step, first)
        if step.kind in CONVOLUTIONS or step.kind in POOLS:
            return _windowed(step, first)
        if step.kind == "Reshape":
            width = _width(shape)
            if not width or width != _width(self.network.shape(step.reads[0])):
                raise self._lost(step)
            return first
        if step.kind not in _MOVES:
            raise self._lost(step)
        return _MOVES[step.kind](step, first)

    def _read(self, step: "Step", first: csr_array) -> Seen:
        backwards = getattr(getattr(step.layer, "forward_layer", step.layer), "go_backwards", False)
        if step.kind in ATTENTION or step.kind == "Bidirectional":
            self._note(step, "the whole text")
        else:
            self._note(step, f"every token {'after' if backwards else 'before'} it")
        return first[::-1] if backwards else first

    def _merged(self, step: "Step", read: list[Seen]) -> Seen:
        known = [each for each in read if each is not None]
        rows = max(each.shape[0] for each in known)
        of_places = [each for each in known if each.shape[0] == rows]
        if len(of_places) < len(read):
            self._note(step, "the whole text")
        return _union(sum(of_places[1:], of_places[0]))

    def _joined(self, step: "Step", shape: tuple[int | None, ...]) -> Seen:
        if step.layer.axis % len(shape) != 1:
            return self._merged(step, [self.seen[number] for number in step.reads if number in self.seen])
        tokens = next(each.shape[1] for each in self.seen.values() if each is not None)
        rows = []
        for number in step.reads:
            count, known = self.network.shape(number)[1], self.seen.get(number)
            if known is None and (number in self.seen or count is None):
                raise self._lost(step)
            rows.append(csr_array((count, tokens)) if known is None else known)
        return vstack(rows, format="csr")

    def _note(self, step: "Step", what: str) -> None:
        self.notes[f"layer {step.name} ({step.kind}): a position stands for its own place, though through this layer "
                   f"it has read {what}"] = None

    def _lost(self, step: "Step") -> UserError:
        return UserError(f"layer {step.name} ({step.kind}) moves positions so that what they saw cannot be followed; "
                         "interpolations that need not know work: linear, nearest, cubic")


def _width(shape: tuple[int | None, ...]) -> int:
    """How many numbers stand at a position; 0 if that is not known."""
    return prod(size or 0 for size in shape[2:])


def _windowed(step: "Step", first: csr_array) -> csr_array:
    """What the windows of a convolution or a pooling layer have seen."""
    layer, count = step.layer, first.shape[0]
    size = layer.kernel_size[0] if step.kind in CONVOLUTIONS else layer.pool_size[0]
    dilation = layer.dilation_rate[0] if step.kind in CONVOLUTIONS else 1
    places = windows(count, size, layer.strides[0], layer.padding, dilation)
    rows, columns = np.nonzero(places != OUTSIDE)
    reached = csr_array((np.ones(len(rows)), (rows, places[rows, columns])), shape=(len(places), count))
    return _union(reached @ first)


def _padded(step: "Step", first: csr_array) -> csr_array:
    (before, after), count = step.layer.padding, first.shape[0]
    return eye_array(before + count + after, count, k=-before, format="csr") @ first


def _cropped(step: "Step", first: csr_array) -> csr_array:
    before, after = step.layer.cropping
    return first[before:first.shape[0] - after]


def _repeated(step: "Step", first: csr_array) -> csr_array:
    return first[np.repeat(np.arange(first.shape[0]), step.layer.size)]


def _all(step: "Step", first: csr_array) -> csr_array:
    return _union(csr_array(first.sum(axis=0)[None]))


_MOVES: Mapping[str, Callable[["Step", csr_array], csr_array]] = {
    "ZeroPadding1D": _padded, "Cropping1D": _cropped, "UpSampling1D": _repeated, **dict.fromkeys(GLOBAL, _all),
}


def _union(counts: csr_array) -> csr_array:
    """1 where there is anything."""
    return (counts != 0).astype(np.float64)


def _over_time(step: "Step") -> bool:
    """Whether a layer that leaves positions in place normalises over time."""
    axes = np.atleast_1d(getattr(step.layer, "axis", -1)).tolist()
    return step.kind == "GroupNormalization" or (step.kind in BY_AXIS and (1 in axes or -2 in axes))
