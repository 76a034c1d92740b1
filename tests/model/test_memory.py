"""Memory is used again when nobody looks at it any more, and not before."""

import numpy as np

from probe.model.engine import tf
from probe.model.kernels.memory import ALIGNED, KEPT, Memory


def test_an_array_has_its_shape_and_type_and_begins_where_it_should():
    memory = Memory()
    for shape, dtype in (((3, 5), np.float32), ((7,), np.float64), ((1, 4), np.int32)):
        array = memory.array(shape, np.dtype(dtype))
        assert (array.shape, array.dtype) == (shape, dtype)
        assert array.ctypes.data % ALIGNED == 0


def test_no_two_living_arrays_share_memory():
    memory, dtype = Memory(), np.dtype(np.float32)
    arrays = [memory.array((4, 4), dtype) for _ in range(5)]
    for number, array in enumerate(arrays):
        array[:] = number
    assert [array[0, 0] for array in arrays] == [0, 1, 2, 3, 4]


def test_memory_is_free_when_the_last_view_is_gone():
    memory, dtype = Memory(), np.dtype(np.float32)
    array = memory.array((3, 4), dtype)
    address, view = array.ctypes.data, array[1:]
    del array
    other = memory.array((3, 4), dtype)
    assert other.ctypes.data != address
    del view
    assert memory.array((12,), dtype).ctypes.data == address


def test_memory_that_is_no_longer_asked_for_is_given_back():
    memory, dtype = Memory(), np.dtype(np.float32)
    memory.array((1000,), dtype)
    for _ in range(2 * KEPT):
        memory.array((10,), dtype)
    assert set(memory._blocks) == {40}


def test_a_tensor_keeps_the_memory_that_it_took_from_an_array():
    memory, dtype = Memory(), np.dtype(np.float32)

    def made():
        array = memory.array((64, 64), dtype)
        array[:] = next(numbers)
        return array

    numbers = iter(range(10))
    make = tf.function(lambda: tf.numpy_function(made, [], tf.float32, stateful=True), autograph=False)
    tensors = [make() for _ in range(10)]
    assert [int(tensor[0, 0]) for tensor in tensors] == list(range(10))
