import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from probe.patterns.packed import PackedLabels

lengths = st.integers(0, 40)
labels = st.one_of(
    arrays.arrays(bool, lengths),
    arrays.arrays(np.float32, lengths, elements=st.integers(0, 300).map(float)),
    arrays.arrays(np.float32, lengths, elements=st.floats(width=32)),
    arrays.arrays(np.float32, lengths, elements=st.sampled_from([0.0, 255.0, 256.0, 65535.0, 65536.0, -1.0, 0.5])),
)


@given(labels, st.data())
def test_any_part_comes_back_exactly(labels, data):
    start = data.draw(st.integers(0, len(labels)))
    stop = data.draw(st.integers(start, len(labels)))
    packed = PackedLabels.of(labels)
    np.testing.assert_array_equal(packed.part(start, stop).astype(np.float32), labels[start:stop].astype(np.float32))


@pytest.mark.parametrize(("values", "bits"), [
    ([True, False] * 400, 1), ([0.0, 255.0] * 400, 8), ([0.0, 256.0] * 400, 16), ([0.0, 65535.0] * 400, 16),
    ([0.0, 65536.0] * 400, 32), ([0.0, 0.5] * 400, 32), ([-1.0, 1.0] * 400, 32), ([float("nan"), 1.0] * 400, 32),
])
def test_memory_is_as_small_as_exactness_allows(values, bits):
    kind = bool if isinstance(values[0], bool) else np.float32
    assert PackedLabels.of(np.array(values, kind)).nbytes == len(values) * bits // 8


def test_what_is_packed_does_not_follow_the_original():
    labels = np.full(9, 0.5, np.float32)
    packed = PackedLabels.of(labels[2:5])
    labels[:] = 7
    assert packed.part(0, 3).tolist() == [0.5] * 3
    assert packed.values.base is None
