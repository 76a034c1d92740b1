"""The `.keras` files of late versions of tf.keras 2."""

import numpy as np
import pytest

from probe.model.keras_file import read_keras_file
from probe.model.legacy import keras_model, network_parity
from tests.model.legacy.test_networks import outputs_of, predicted

NETWORKS = ["char_sigmoid", "char_hard", "char_no_bias", "char_embedded", "bidirectional", "convolutions", "functional",
            "masked_numbers", "gated", "activations", "branches"]


@pytest.mark.parametrize("name", NETWORKS)
def test_an_archive_of_keras_2_predicts_what_it_did_there(written, name):
    network = read_keras_file(written / f"{name}.keras")
    inputs, expected = predicted(written, name)
    for ours in (network.forward(inputs), outputs_of(keras_model(*network.relaid()), inputs)):
        for one, other in zip(ours, expected, strict=True):
            np.testing.assert_allclose(one, other, rtol=2e-5, atol=2e-6)
    assert network.file.keras_version.startswith("2.")
    assert 0 < network_parity(network, *network.relaid()).relative < 1e-5
