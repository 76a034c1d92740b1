"""A stretch of text as arrays: every row in its place, however it was read."""

import numpy as np
import pytest

from probe.activations import Extraction, ExtractOptions, Recorded, rows_of
from probe.corpus import Segment
from tests.activations.collecting import collected


@pytest.mark.parametrize("streams", [1, 7])
def test_rows_are_in_the_order_of_the_text(run, streams):
    options = ExtractOptions(signals="hidden,cell", units="1,3", streams=streams, overlap=60, block=32)
    extraction = Extraction.of(run, Segment(100, 903), options=options)
    values, found = collected(extraction)[0], rows_of(extraction)
    assert list(found) == list(extraction.units)
    for source, rows in found.items():
        assert rows.dtype == np.float32
        np.testing.assert_array_equal(rows, values[source][100:903])


def test_recorded_rows_come_back(corpus, arrays):
    found = rows_of(Recorded.of(arrays, corpus).part(50, 301))
    assert {source: rows.tolist() for source, rows in found.items()} == {
        source: rows[50:301].tolist() for source, rows in arrays.items()}
