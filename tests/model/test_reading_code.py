"""Machine code that only reads, for every kind of vector, against a float64 LSTM written from the equations."""

import platform
import sys

import numpy as np
import pytest

from probe.model.kernels.code import Code
from probe.model.kernels.compiled import PackedLayer, Variant
from probe.model.kernels.machine import Machine, assembly, this_machine
from probe.model.kernels.reading_code import write_reading
from tests.forked import ran
from tests.lstm_oracle import hard_sigmoid, lstm_signals, sigmoid
from tests.model.pairs import paired
from tests.model.test_compiled import BFLOAT16, MACHINES

N, T = 12, 9
SIGNALS = "hidden", "cell", "input_gate", "forget_gate", "candidate", "output_gate"


def shapes(*others):
    return [pytest.param(machine, *rest, id=" ".join(map(str, (f"{machine.lanes}x{machine.rows}", *rest))))
            for machine, *rest in paired(MACHINES, *others)]


class Layer:
    """Random weights, inputs and states of a layer that is given rows or vectors."""

    def __init__(self, streams, units, dtype="float32", *, rows=True, hard=False, machine=None):
        generator = np.random.default_rng(units)

        def drawn(*shape):
            return generator.normal(size=shape).astype(np.float32)

        self.kernel, self.recurrent = drawn(N, 4 * units), drawn(units, 4 * units) / units ** 0.5
        self.bias, self.h, self.c = drawn(4 * units), drawn(streams, units), drawn(streams, units)
        self.inputs = generator.integers(0, N, (T, streams)).astype(np.int32) if rows else drawn(T, streams, N)
        self.vectors, self.hard = np.eye(N)[self.inputs] if rows else self.inputs, hard
        self.kind = np.dtype(np.float32) if dtype == "float32" else BFLOAT16
        variant = Variant(1, units, dtype, hard, machine or this_machine())
        self.packed = PackedLayer.of(variant, self.kernel, self.recurrent, self.bias, rows=rows)
        if not rows:
            self.inputs = self.inputs.astype(self.kind)

    def read(self, gates=(), **others):
        return self.packed.read(self.inputs, self.h.astype(self.kind), self.c, gates, **others)

    def expected(self):
        gate = hard_sigmoid if self.hard else sigmoid
        return lstm_signals(self.vectors, self.kernel, self.recurrent, self.bias, self.h, self.c, gate)


@pytest.mark.parametrize(("machine", "units", "streams", "hard", "rows"),
                         shapes((1, 16, 70), (1, 5, 16), (False, True), (True, False)))
def test_float32_equals_the_equations(machine, units, streams, hard, rows):
    layer = Layer(streams, units, rows=rows, hard=hard, machine=machine)
    expected = layer.expected()
    for name, values in zip(SIGNALS, layer.read(range(4)), strict=True):
        np.testing.assert_allclose(values, expected[name], rtol=0, atol=5e-6, err_msg=name)


@pytest.mark.parametrize(("machine", "units", "rows"), shapes((48, 70), (True, False)))
def test_bfloat16_rounds_operands_alone(machine, units, rows):
    layer = Layer(5, units, "bfloat16", rows=rows, machine=machine)
    expected = layer.expected()
    hidden, *others = layer.read(range(4))
    assert hidden.dtype == BFLOAT16
    assert {each.dtype.name for each in others} == {"float32"}
    for name, values in zip(SIGNALS, (hidden, *others), strict=True):
        error = np.sqrt(((values.astype(np.float64) - expected[name]) ** 2).mean())
        assert 0 < error < 2 ** -6, name


@pytest.mark.parametrize("gates", [(), (1,), (3, 0)])
def test_gates_come_in_the_order_asked_for_and_no_others(gates):
    layer = Layer(5, 20)
    expected, received = layer.expected(), layer.read(gates)
    assert len(received) == 2 + len(gates)
    for gate, values in zip(gates, received[2:], strict=True):
        np.testing.assert_allclose(values, expected[SIGNALS[2 + gate]], rtol=0, atol=5e-6)


@pytest.mark.parametrize(("streams", "rows"), [(13, False), (24, True), (31, True)])
def test_parts_on_several_cores_give_the_same_bits(streams, rows):
    layer = Layer(streams, 20, rows=rows)
    alone = layer.read(range(4))
    for cores in (2, 3, 100):
        for one, other in zip(layer.read(range(4), cores=cores), alone, strict=True):
            np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize(("damage", "complaint"), [
    ({"inputs": np.full((T, 5), N, np.int32)}, "rows from 0 to 11; received 12"),
    ({"inputs": np.zeros((T, 5), np.int64)}, "of int32"), ({"inputs": np.zeros((T, 4), np.int32)}, r"\(4, 20\)"),
    ({"h": np.zeros((5, 21), np.float32)}, r"\(5, 20\)"), ({"c": np.zeros((5, 20), np.float64)}, "of float32"),
])
def test_arrays_that_do_not_fit_are_refused_before_anything_is_read(damage, complaint):
    layer = Layer(5, 20)
    vars(layer).update(damage)
    with pytest.raises(ValueError, match=complaint):
        layer.read()


@pytest.mark.parametrize(("shapes", "complaint"), [
    (((N, 80), (20, 79), (80,)), r"\(20, 80\)"), (((N, 79), (20, 80), (80,)), r"\(12, 80\)"),
    (((N, 80), (20, 80), (79,)), r"\(80,\)")])
def test_weights_that_do_not_fit_are_refused(shapes, complaint):
    with pytest.raises(ValueError, match=complaint):
        PackedLayer.of(Variant(1, 20, "float32"), *(np.zeros(shape, np.float32) for shape in shapes), rows=True)


def test_bfloat16_of_odd_inputs_is_refused():
    weights = [np.zeros(shape, np.float32) for shape in ((3, 16), (4, 16), (16,))]
    with pytest.raises(ValueError, match="inputs of an even size; received 3"):
        PackedLayer.of(Variant(1, 4, "bfloat16"), *weights, rows=False)
    PackedLayer.of(Variant(1, 4, "bfloat16"), *weights, rows=True)


# In a process of its own: it is ended by the system when it reads or writes where nothing lies.
AT_THE_END_OF_MEMORY = """
import numpy as np
from probe.model.kernels import compiled
from tests.model.guarded_memory import at_the_end, nothing_in_front_was_written
from tests.model.pairs import paired
from tests.model.test_compiled import MACHINES
from tests.model.test_reading_code import Layer

compiled._memory.array = lambda shape, dtype: at_the_end(np.zeros(shape, dtype))
for machine, units, dtype, rows, cores in paired(MACHINES, (64, 70), ("float32", "bfloat16"), (True, False), (1, 2)):
    layer = Layer(13, units, dtype, rows=rows, machine=machine)
    weights = [at_the_end(each) for each in (layer.kernel, layer.recurrent, layer.bias)]
    layer.packed = compiled.PackedLayer.of(layer.packed.variant, *weights, rows=rows)
    layer.inputs, layer.c = at_the_end(layer.inputs), at_the_end(layer.c)
    layer.packed.read(layer.inputs, at_the_end(layer.h.astype(layer.kind)), layer.c, range(4), cores=cores)
    assert nothing_in_front_was_written(), (machine, units, dtype)
print("nothing beside was touched")
"""


@pytest.mark.skipif(sys.platform == "win32", reason="needs mprotect")
def test_nothing_is_touched_beside_an_array():
    done = ran([], AT_THE_END_OF_MEMORY)
    assert done.stdout == "nothing beside was touched\n", done.stderr[-2000:]


@pytest.mark.skipif(platform.machine() != "x86_64", reason="names processors of another architecture")
@pytest.mark.parametrize("processor", ["x86-64", "haswell", "znver3", "skylake-avx512"])
@pytest.mark.parametrize("machine", [Machine(16, 6), Machine(8, 3), Machine(4, 2)])
@pytest.mark.parametrize(("first", "depth"), [(("int32", "float32"), None), (("bfloat16", "bfloat16"), 20)])
def test_code_for_other_processors_calls_nothing(processor, machine, first, depth):
    half, full = "bfloat16", "float32"
    code = Code(machine, "tried", (*first, half, full, half, full, half, full, full))
    assert "call" not in assembly(write_reading(code, 1, 3, 20, depth, (2,), hard=False), processor)
