"""The `.keras` files of late versions of tf.keras 2."""

import numpy as np
import pytest

from probe.model.keras_file import read_keras_file
from probe.model.legacy import network_parity
from tests.model.legacy.test_networks import predicted, read

NETWORKS = ["char_sigmoid", "char_hard", "char_no_bias", "char_embedded", "bidirectional", "convolutions", "functional",
            "masked_numbers", "gated", "activations", "branches"]


@pytest.mark.parametrize("name", NETWORKS)
def test_an_archive_of_keras_2_predicts_what_it_did_there(written, name):
    """What is rebuilt from it is, array by array, what is rebuilt from the .h5 file, whose predictions are tried."""
    network = read_keras_file(written / f"{name}.keras")
    inputs, expected = predicted(written, name)
    for one, other in zip(network.forward(inputs), expected, strict=True):
        np.testing.assert_allclose(one, other, rtol=2e-5, atol=2e-6)
    assert network.file.keras_version.startswith("2.")
    (architecture, weights), (same, arrays) = network.relaid(), read(written, name).relaid()
    assert (architecture, list(weights)) == (same, list(arrays))
    for path, array in arrays.items():
        np.testing.assert_array_equal(weights[path], array, err_msg=path)


@pytest.mark.parametrize("name", ["char_hard", "convolutions"])
def test_an_archive_passes_the_parity_check(written, name):
    network = read_keras_file(written / f"{name}.keras")
    assert 0 < network_parity(network, *network.relaid()).relative < 1e-5
