"""Layers that are a linear map and a bias: Dense, Conv1D, averages over time, normalisation by fixed numbers, sums."""

from abc import abstractmethod

import numpy as np

from probe.explain.question.step import Step
from probe.explain.rules.linear_map import Combination, Convolution, LinearMap, Matrix, OverTime
from probe.explain.rules.rule import Arrays, Rule, Visit
from probe.explain.rules.sharing import Sharing
from probe.explain.rules.windows import OUTSIDE, windows

NO_BIAS = np.zeros(1)
Masks = tuple[np.ndarray | None, ...]


class Linear(Rule):
    """y = A x + b: relevance is shared by the method's rule, multipliers go through A transposed."""

    @abstractmethod
    def map(self, step: Step, reads: Arrays, masks: Masks) -> tuple[LinearMap, np.ndarray]:
        """Return A and b, which broadcasts against the sums."""

    def forward(self, step: Step, reads: Arrays, masks: Masks, written: np.ndarray | None) -> Arrays:
        sums, bias = self.map(step, reads, masks)
        return (sums.forward(reads) + bias,)

    def relevance(self, visit: Visit, given: Arrays, sharing: Sharing) -> Arrays:
        sums, bias = self.map(visit.step, visit.reads, visit.masks)
        return sharing.linear(sums, visit.reads, bias, given[0])

    def multipliers(self, visit: Visit, baseline: Visit, given: Arrays) -> Arrays:
        return self.map(visit.step, visit.reads, visit.masks)[0].transposed(given[0])


class Weighted(Linear):
    """A layer with a kernel, to which the γ- and the αβ-rule apply."""

    def relevance(self, visit: Visit, given: Arrays, sharing: Sharing) -> Arrays:
        sums, bias = self.map(visit.step, visit.reads, visit.masks)
        return sharing.weighted(sums, visit.reads, bias, given[0])


class Dense(Weighted):
    def map(self, step: Step, reads: Arrays, masks: Masks) -> tuple[LinearMap, np.ndarray]:
        return Matrix(array(step.layer.kernel)), _bias(step)


class Conv1D(Weighted):
    def refused(self, step: Step, products: bool | None) -> str | None:
        if step.layer.groups != 1:
            return "with groups has no rule"
        return _channels(step)

    def map(self, step: Step, reads: Arrays, masks: Masks) -> tuple[LinearMap, np.ndarray]:
        layer, length = step.layer, reads[0].shape[1]
        positions = windows(length, layer.kernel_size[0], layer.strides[0], layer.padding, layer.dilation_rate[0])
        return Convolution(array(layer.kernel), positions, length), _bias(step)


class AveragePooling1D(Linear):
    def refused(self, step: Step, products: bool | None) -> str | None:
        return _channels(step)

    def map(self, step: Step, reads: Arrays, masks: Masks) -> tuple[LinearMap, np.ndarray]:
        layer, length = step.layer, reads[0].shape[1]
        positions = windows(length, layer.pool_size[0], layer.strides[0], layer.padding)
        there = (positions[:, :, None] == np.arange(length)).any(axis=1)
        weights = there / (positions != OUTSIDE).sum(axis=1, keepdims=True)
        return OverTime(weights[None], there[None]), NO_BIAS


class GlobalAveragePooling1D(Linear):
    """The mean over the steps that are not masked; 0, where Keras divides by 0, if there are none."""

    def refused(self, step: Step, products: bool | None) -> str | None:
        return _channels(step) or ("that keeps its dimensions has no rule" if step.layer.keepdims else None)

    def map(self, step: Step, reads: Arrays, masks: Masks) -> tuple[LinearMap, np.ndarray]:
        there = np.ones(reads[0].shape[:2], bool) if masks[0] is None else masks[0]
        weights = there / np.maximum(there.sum(axis=1, keepdims=True), 1)
        return OverTime(weights[:, None], there[:, None], flat=True), NO_BIAS


class BatchNormalization(Linear):
    """γ (x − μ) / √(σ² + ε) + β with the averages that training left: one factor and one bias a channel."""

    def map(self, step: Step, reads: Arrays, masks: Masks) -> tuple[LinearMap, np.ndarray]:
        layer = step.layer
        scale = 1 / np.sqrt(array(layer.moving_variance) + layer.epsilon)
        scale = scale * array(layer.gamma) if layer.scale else scale
        bias = -array(layer.moving_mean) * scale
        bias = bias + array(layer.beta) if layer.center else bias
        along = [1] * reads[0].ndim
        along[layer.axis] = -1
        return Combination((scale.reshape(along),), (reads[0].shape,)), bias.reshape(along)


class Rescaling(Linear):
    """x times fixed numbers, and others added."""

    def map(self, step: Step, reads: Arrays, masks: Masks) -> tuple[LinearMap, np.ndarray]:
        scale, offset = (array(number).reshape((1,) * (reads[0].ndim - np.ndim(number)) + np.shape(number))
                         for number in (step.layer.scale, step.layer.offset))
        return Combination((scale,), (reads[0].shape,)), offset


class Sum(Linear):
    """Add, Average and Subtract of values of one rank."""

    def refused(self, step: Step, products: bool | None) -> str | None:
        ranks = {len(symbol.shape) for symbol in step.layer.input}
        return None if len(ranks) == 1 else "of values of several ranks has no rule"

    def map(self, step: Step, reads: Arrays, masks: Masks) -> tuple[LinearMap, np.ndarray]:
        kind, count = type(step.layer).__name__, len(reads)
        weights = {"Add": np.ones(count), "Average": np.full(count, 1 / count), "Subtract": np.array([1.0, -1.0])}[kind]
        return Combination(tuple(weights.reshape(count, 1)), tuple(value.shape for value in reads)), NO_BIAS


def array(variable: object) -> np.ndarray:
    """Return a Keras variable as float64."""
    return np.asarray(variable, np.float64)


def _bias(step: Step) -> np.ndarray:
    return array(step.layer.bias) if step.layer.use_bias else NO_BIAS


def _channels(step: Step) -> str | None:
    return "with channels before time has no rule" if step.layer.data_format != "channels_last" else None
