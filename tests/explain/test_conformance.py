"""What every method of the registry must hold, whatever it computes."""

from dataclasses import fields

import numpy as np
import pytest

from probe.explain import METHODS, attribute
from probe.explain.registry import method_class
from tests.explain.networks import FULL, LENGTH, network

pytestmark = pytest.mark.usefixtures("eager")
# Of those that ask for more than a network and a text.
NEEDED = {"layer_conductance": {"layer": "conv"}, "neuron_conductance": {"layer": "conv", "unit": 1, "position": 2},
          "neuron_integrated_gradients": {"layer": "conv", "unit": 1, "position": 2},
          "state_conductance": {"layer": "upper"}, "deep_lift": {"products": "halves"}}


def reader(name: str):
    """The network that a method is asked about, of those with a convolution but where it must be recurrent."""
    return network("lstm" if name == "state_conductance" else "conv_same")


def settings_of(name: str) -> dict[str, object]:
    given = dict(NEEDED.get(name, {}))
    if given.get("layer") == "conv":
        given["layer"] = next(layer.name for layer in reader(name).layers if "conv" in layer.name)
    return given


@pytest.mark.parametrize("name", METHODS)
def test_describes_itself(name):
    kind = method_class(name)
    assert kind.name == name and kind.words and kind.__doc__
    for field in fields(kind):
        assert field.metadata["help"], field.name
    assert kind() == kind() and hash(kind()) == hash(kind())


@pytest.mark.parametrize("name", METHODS)
def test_weights_are_finite_the_same_again_and_those_of_each_text_alone(name):
    model, given = reader(name), settings_of(name)
    before = [weight.copy() for weight in model.get_weights()]
    found = attribute(model, FULL, method=name, seed=3, **given)
    assert found.tokens.shape == FULL.shape == (2, LENGTH) and found.scores.shape == (2,)
    assert found.tokens.dtype == found.scores.dtype == np.float64
    assert np.isfinite(found.tokens).all() and np.isfinite(found.scores).all() and found.tokens.any()
    again = attribute(model, FULL, method=name, seed=3, **given)
    np.testing.assert_array_equal(found.tokens, again.tokens)
    for row in range(2):
        alone = attribute(model, FULL[row:row + 1], method=name, seed=3, **given)
        np.testing.assert_allclose(alone.scores, found.scores[row:row + 1], rtol=1e-5, atol=1e-6)
        if name not in ("smooth_grad", "shapley"):  # which draw for all rows of a batch at once
            np.testing.assert_allclose(alone.tokens, found.tokens[row:row + 1], rtol=1e-4, atol=1e-5)
    for kept, weight in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(kept, weight)
