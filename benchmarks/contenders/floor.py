"""The floor: the time of a step's matrix products alone, at the rate of TensorFlow's own product of these shapes.

Whoever multiplies by TensorFlow stays above it. The fused kernel, whose loop multiplies by a matrix packed once, may
be faster.
"""

import time
from collections import Counter

import tensorflow as tf
from workload import Workload

from contenders.keras_lstm import set_threads

# (M, K, N): a product of (M, K) and (K, N).
Shape = tuple[int, int, int]

OPERANDS = 8
# Operations in one timed call, of two products at the least.
AT_ONCE = 5e9


class Floor:
    """Measures each shape of a step's products, one after the other, every left operand in its turn."""

    def __init__(self, work: Workload, precision: str, threads: int, clip: float, seed: int) -> None:
        set_threads(threads)
        self._products, self._dtype, self._first = self.products(work), tf.dtypes.as_dtype(precision), 0
        drawn = tf.random.Generator.from_seed(seed)
        self._left = {shape[:2]: [self._operand(drawn, *shape[:2]) for _ in range(OPERANDS)]
                      for shape in self._products}
        self._right = {shape[1:]: self._operand(drawn, *shape[1:]) for shape in self._products}
        self._multiply = {shape: tf.function(_multiply, autograph=False) for shape in self._products}

    def step(self) -> float:
        """Return the seconds that the products of one step take."""
        total = 0.0
        for (m, k, n), count in self._products.items():
            times = max(2, min(32, int(AT_ONCE / (2 * m * k * n))))
            left = [self._left[m, k][(self._first + place) % OPERANDS] for place in range(times)]
            began = time.perf_counter()
            self._multiply[m, k, n](left, self._right[k, n]).numpy()
            total += count * (time.perf_counter() - began) / times
        self._first += 2
        return total

    def products(self, work: Workload) -> Counter[Shape]:
        """Return how often a step multiplies matrices of each shape."""
        return products(work)

    def _operand(self, drawn: tf.random.Generator, rows: int, columns: int) -> tf.Tensor:
        return tf.cast(drawn.normal((rows, columns)), self._dtype)


class ReadingFloor(Floor):
    """The floor of reading alone: forward, to the last layer's hidden, without the output layer."""

    def products(self, work: Workload) -> Counter[Shape]:
        """Return how often a step multiplies matrices of each shape."""
        rows, units, gates = work.streams * work.length, work.model.units, 4 * work.model.units
        return Counter({(work.streams, units, gates): work.length * work.model.layers,
                        (rows, units, gates): work.model.layers - 1})


def products(work: Workload) -> Counter[Shape]:
    """Return how often a step multiplies matrices of each shape, forward and backward.

    The first layer's one-hot input is a gather, whose backward is a product; it hands no gradient on.
    """
    batch, steps, units, vocabulary = work.streams, work.length, work.model.units, work.vocabulary
    rows, gates = batch * steps, 4 * units
    counted: Counter[Shape] = Counter()
    for layer in range(work.model.layers):
        counted[batch, units, gates] += steps  # h R
        counted[batch, gates, units] += steps  # its gradient of h
        counted[units, rows, gates] += 1  # and of R
        if layer == 0:
            counted[vocabulary, rows, gates] += 1  # gradient of W
        else:
            counted[rows, units, gates] += 1  # x W
            counted[rows, gates, units] += 1  # its gradient of x
            counted[units, rows, gates] += 1  # and of W
    counted[rows, units, vocabulary] += 1  # the output layer
    counted[rows, vocabulary, units] += 1
    counted[units, rows, vocabulary] += 1
    return counted


def _multiply(left: list[tf.Tensor], right: tf.Tensor) -> tf.Tensor:
    """Multiply one after the other; a number of each product is kept, so that none is left out."""
    kept: list[tf.Tensor] = []
    for operand in left:
        with tf.control_dependencies(kept[-1:]):
            kept.append(tf.matmul(operand, right)[0, 0])
    return tf.add_n(kept)
