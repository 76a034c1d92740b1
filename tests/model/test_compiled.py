"""Machine code for every kind of vector, against a float64 LSTM written from the equations."""

import platform
import sys

import ml_dtypes
import numpy as np
import pytest

from probe.model.kernels.code import Code
from probe.model.kernels.compiled import Variant, backward, forward
from probe.model.kernels.lstm_code import write_backward, write_forward
from probe.model.kernels.machine import Machine, assembly, this_machine
from tests.forked import ran
from tests.lstm_oracle import hard_sigmoid, lstm, sigmoid
from tests.model.pairs import paired

V, T = 11, 9
# Code for other vectors than its own runs on every machine, if slowly.
MACHINES = list(dict.fromkeys([this_machine(), Machine(16, 6), Machine(8, 3), Machine(4, 2), Machine(4, 6)]))
BFLOAT16 = np.dtype(ml_dtypes.bfloat16)
GATES = {False: sigmoid, True: hard_sigmoid}


class Layer:
    """Random weights, inputs and states, rounded to the type in which they are given."""

    def __init__(self, streams, units, dtype=np.dtype(np.float32), *, hard=False, machine=None):
        self.variant = Variant(streams, units, dtype.name, hard, machine or this_machine())
        generator = np.random.default_rng(units)

        def drawn(*shape):
            return generator.normal(size=shape).astype(np.float32)

        self.kernel, self.recurrent = (drawn(V, 4 * units).astype(dtype),
                                       (drawn(units, 4 * units) / units ** 0.5).astype(dtype))
        self.bias, self.c = drawn(4 * units), drawn(streams, units)
        self.h, self.d_hidden = drawn(streams, units).astype(dtype), drawn(T, streams, units).astype(dtype)
        self.d_c = drawn(streams, units)
        self.ids = generator.integers(0, V, (T, streams)).astype(np.int32)
        self.weights = [self.kernel, self.recurrent, self.bias, self.h, self.c]

    def forward(self):
        return forward(self.variant, self.ids, *self.weights)

    def backward(self, gates, cells):
        """→ d_z, gradients of kernel, bias and c."""
        d_z, d_kernel, d_c = backward(self.variant, self.ids, V, self.d_hidden, self.d_c, gates, cells, self.c,
                                      np.ascontiguousarray(self.recurrent.T))
        return d_z, d_kernel, d_kernel.sum(axis=0), d_c

    def expected(self, weights):
        return lstm(np.eye(V)[self.ids], *weights, GATES[self.variant.hard])


def layers(dtype, units, streams):
    return [pytest.param(machine, size, streams, hard, id=f"{machine.lanes}x{machine.rows} U{size} B{streams} {hard}")
            for machine, size, streams, hard in paired(MACHINES, units, streams, (False, True))]


@pytest.mark.parametrize(("machine", "units", "streams", "hard"), layers("float32", (1, 5, 16, 70), (1, 5, 16)))
def test_float32_equals_the_equations(machine, units, streams, hard):
    layer = Layer(streams, units, hard=hard, machine=machine)
    hidden, gates, cells = layer.forward()
    expected, _, c = layer.expected(layer.weights)
    np.testing.assert_allclose(hidden, expected, rtol=0, atol=2e-6)
    np.testing.assert_allclose(cells[-1], c, rtol=0, atol=5e-6)
    i, f, g, o = np.split(gates.astype(np.float64), 4, axis=-1)
    before = np.concatenate([layer.c[np.newaxis], cells[:-1]])
    np.testing.assert_allclose(f * before + i * g, cells, rtol=0, atol=2e-6)
    np.testing.assert_allclose(o * np.tanh(cells.astype(np.float64)), hidden, rtol=0, atol=2e-6)


@pytest.mark.parametrize(("machine", "units", "streams", "hard"), layers("bfloat16", (48, 70), (1, 16)))
def test_bfloat16_rounds_operands_alone(machine, units, streams, hard):
    layer = Layer(streams, units, BFLOAT16, hard=hard, machine=machine)
    hidden, gates, cells = layer.forward()
    expected, _, c = layer.expected([np.asarray(weight, np.float64) for weight in layer.weights])
    assert (hidden.dtype, gates.dtype, cells.dtype) == (BFLOAT16, BFLOAT16, np.float32)
    assert np.abs(hidden.astype(np.float64) - expected).max() < 2 ** -6
    assert np.sqrt(((cells[-1] - c) ** 2).mean()) < 2 ** -7


@pytest.mark.parametrize(("machine", "hard", "size"), paired(MACHINES, (False, True), ((1, 5), (7, 18))))
def test_gradients_equal_finite_differences_of_the_equations(machine, hard, size):
    streams, units = size
    layer = Layer(streams, units, hard=hard, machine=machine)
    _, gates, cells = layer.forward()
    d_z, d_kernel, d_bias, d_c = layer.backward(gates, cells)
    d_h = d_z[0].astype(np.float64) @ layer.recurrent.T
    wide = [np.asarray(weight, np.float64) for weight in layer.weights]
    generator = np.random.default_rng(0)

    def loss():
        hidden, _, c = layer.expected(wide)
        return (hidden * layer.d_hidden).sum() + (c * layer.d_c).sum()

    for weight, gradient in zip((wide[0], wide[2], wide[3], wide[4]), (d_kernel, d_bias, d_h, d_c), strict=True):
        for _ in range(4):
            place = tuple(generator.integers(0, size) for size in weight.shape)
            kept, losses = weight[place], []
            for moved in (kept + 1e-6, kept - 1e-6):
                weight[place] = moved
                losses.append(loss())
            weight[place] = kept
            assert gradient[place] == pytest.approx((losses[0] - losses[1]) / 2e-6, rel=1e-4, abs=2e-4)


def test_bfloat16_gradients_follow_float32s_whatever_multiplies_them():
    full = Layer(6, 40)
    for machine in (this_machine(), Machine(8, 3)):
        half = Layer(6, 40, BFLOAT16, machine=machine)
        for one, other in zip(half.backward(*half.forward()[1:]), full.backward(*full.forward()[1:]), strict=True):
            one, other = one.astype(np.float64).ravel(), other.astype(np.float64).ravel()
            assert one @ other / np.linalg.norm(one) / np.linalg.norm(other) > 0.999


def test_gates_saturate_and_never_overflow():
    layer = Layer(2, 8)
    layer.weights[2] = np.linspace(-3e38, 3e38, 32, dtype=np.float32)
    hidden, gates, cells = layer.forward()
    expected = np.where(layer.weights[2] < 0, 0.0, 1.0)
    expected[16:24] = 2 * expected[16:24] - 1  # the candidate is a tanh
    np.testing.assert_allclose(gates, np.broadcast_to(expected, gates.shape), atol=1e-37)
    assert np.isfinite(hidden).all() and np.isfinite(cells).all()


def test_small_numbers_keep_their_precision():
    """tanh of a small number is that number, not the difference of two large ones."""
    layer = Layer(1, 4)
    layer.kernel[:], layer.recurrent[:], layer.bias[:], layer.h[:], layer.c[:] = 0, 0, 0, 0, 0
    layer.bias[8:12] = [1e-6, -1e-4, 1e-2, 1e-9]
    gates = layer.forward()[1]
    np.testing.assert_allclose(gates[0, 0, 8:12], np.tanh(layer.bias[8:12].astype(np.float64)), rtol=3e-7)


@pytest.mark.parametrize("dtype", [np.dtype(np.float32), BFLOAT16])
def test_what_is_not_a_number_stays_so_in_its_stream_alone(dtype):
    layer = Layer(7, 10, dtype)
    clean = layer.forward()[0]
    layer.h[3, 2] = np.nan
    hidden, gates, cells = layer.forward()
    assert np.isnan(hidden[:, 3].astype(np.float32)).all()
    others = np.arange(7) != 3
    assert (hidden[:, others] == clean[:, others]).all()
    d_z, d_kernel, _, d_c = layer.backward(gates, cells)
    assert np.isnan(d_z[:, 3].astype(np.float32)).all() and np.isnan(d_kernel).any()
    assert np.isfinite(d_c[others]).all()


# In a process of its own: it is ended by the system when it reads or writes where nothing lies.
AT_THE_END_OF_MEMORY = """
import numpy as np
from probe.model.kernels import compiled
from tests.model.guarded_memory import at_the_end, nothing_in_front_was_written
from tests.model.pairs import paired
from tests.model.test_compiled import BFLOAT16, MACHINES, Layer

arrays = []

def array(shape, dtype):
    arrays.append(at_the_end(np.zeros(shape, dtype)))
    return arrays[-1]

compiled._memory.array = array
for machine, units, dtype in paired(MACHINES, (64, 70), (np.dtype(np.float32), BFLOAT16)):
    layer = Layer(5, units, dtype, machine=machine)
    layer.weights, layer.ids = [at_the_end(weight) for weight in layer.weights], at_the_end(layer.ids)
    layer.recurrent, layer.c = at_the_end(layer.recurrent), layer.weights[4]
    layer.d_hidden, layer.d_c = at_the_end(layer.d_hidden), at_the_end(layer.d_c)
    layer.backward(*layer.forward()[1:])
    assert len(arrays) == 8
    arrays.clear()
    assert nothing_in_front_was_written(), (machine, units, dtype)
print("nothing beside was touched")
"""


@pytest.mark.skipif(sys.platform == "win32", reason="needs mprotect")
def test_nothing_is_touched_beside_an_array():
    """Nothing is read or written behind it, and nothing is written in front of it."""
    done = ran([], AT_THE_END_OF_MEMORY)
    assert done.stdout == "nothing beside was touched\n", done.stderr[-2000:]


@pytest.mark.skipif(platform.machine() != "x86_64", reason="names processors of another architecture")
@pytest.mark.parametrize("processor", ["x86-64", "haswell", "znver3", "skylake-avx512"])
@pytest.mark.parametrize("machine", [Machine(16, 6), Machine(8, 3), Machine(4, 2)])
def test_code_for_other_processors_calls_nothing(processor, machine):
    """LLVM turns what a processor cannot do into calls of functions that need not be there, as for bfloat16.

    Code of one stream has every instruction that code of many repeats.
    """
    half, full = "bfloat16", "float32"
    code = Code(machine, "tried", ("int32", half, half, full, half, full, half, full, half))
    assert "call" not in assembly(write_forward(code, 1, 20, hard=False), processor)
    code = Code(machine, "tried", ("int32", half, half, full, full, half, full, half, full))
    assert "call" not in assembly(write_backward(code, 1, 20, hard=True), processor)


@pytest.mark.parametrize("number", [1.0, 1 + 2 ** -8, 1 + 3 * 2 ** -8, -1e-30, 3.4e38, np.inf, -np.inf, np.nan, 0.0])
@pytest.mark.parametrize("machine", [this_machine(), Machine(8, 3)])
def test_bfloat16_is_rounded_as_ml_dtypes_does(machine, number):
    layer = Layer(1, 2, BFLOAT16, machine=machine)
    for weight in layer.weights:
        weight[:] = 0
    layer.d_hidden[:], layer.d_c[:] = 0, 0
    layer.d_c[0, 0] = number
    _, gates, cells = layer.forward()
    d_z = layer.backward(gates, cells)[0]
    # d_z of the candidate at the last step is d_c i (1 - g²), with i = 1/2 and g = 0.
    with np.errstate(all="ignore"):
        expected = np.float32(number / 2).astype(BFLOAT16)
    np.testing.assert_array_equal(d_z[-1, 0, 4].astype(np.float32), expected.astype(np.float32))


def test_the_same_arrays_give_the_same_bits():
    one, other = (Layer(16, 64) for _ in range(2))
    for ours, theirs in zip(one.forward(), other.forward(), strict=True):
        assert ours.tobytes() == theirs.tobytes()


@pytest.mark.parametrize(("name", "damage", "complaint"), [
    ("ids", lambda ids: ids + V, "rows from 0 to 10; received 11"),
    ("ids", lambda ids: ids - V, "rows from 0 to 10; received -11"),
    ("ids", lambda ids: ids.astype(np.int64), "of int32; received .* of int64"),
    ("weights", lambda given: [given[0][:, :-1], *given[1:]], "expected a contiguous array"),
    ("weights", lambda given: [given[0], given[1].T.copy().T, *given[2:]], "expected a contiguous array"),
    ("weights", lambda given: [*given[:4], given[4][:-1]], r"\(3, 4\) of float32; received \(2, 4\)"),
])
def test_arrays_that_do_not_fit_are_refused_before_anything_is_read(name, damage, complaint):
    layer = Layer(3, 4)
    setattr(layer, name, damage(getattr(layer, name)))
    with pytest.raises(ValueError, match=complaint):
        layer.forward()


def test_bfloat16_of_odd_units_is_refused():
    with pytest.raises(ValueError, match="even number of units; received 5"):
        Variant(1, 5, "bfloat16")
