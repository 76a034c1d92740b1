"""The same networks with the same weights in PyTorch, explained by Captum."""

from functools import cache
from typing import Any

import numpy as np
import pytest

from probe.explain import attribute
from probe.model.engine import keras

captum = pytest.importorskip("captum.attr", reason="needs Captum and PyTorch, which are not installed")
torch = pytest.importorskip("torch", reason="needs PyTorch, which is not installed")

pytestmark = pytest.mark.usefixtures("eager")
L = keras.layers
LENGTH, WIDTH, TARGET = 5, 3, 1
X = np.random.default_rng(2).normal(size=(2, LENGTH, WIDTH))
BASE = np.random.default_rng(3).normal(size=(1, LENGTH, WIDTH)) * 0.3


@cache
def ours(kind: str) -> keras.Model:
    vectors = keras.Input((LENGTH, WIDTH))
    if kind == "conv":
        values = L.Conv1D(4, 3, activation="relu", padding="same", name="inner")(vectors)
        values = L.GlobalMaxPooling1D()(values)
    else:
        values = L.GlobalAveragePooling1D()(L.LSTM(4, return_sequences=True, name="inner")(vectors))
    model = keras.Model(vectors, L.Dense(3, activation="softmax")(L.Dense(6, activation="tanh")(values)))
    draw = np.random.default_rng(7)
    for weight in model.weights:
        weight.assign(draw.normal(0, 0.7, weight.shape))
    return model


@cache
def theirs(kind: str) -> Any:
    """The logits, of the same function in float64; ``inner`` puts out what the layer of that name does, (B, T, K)."""

    class Same(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            if kind == "conv":
                self.first = torch.nn.Conv1d(WIDTH, 4, 3, padding="same")
            else:
                self.first = torch.nn.LSTM(WIDTH, 4, batch_first=True)
            self.inner, self.relu = torch.nn.Identity(), torch.nn.ReLU()
            self.middle, self.last = torch.nn.Linear(4, 6), torch.nn.Linear(6, 3)

        def forward(self, vectors: Any) -> Any:
            if kind == "conv":
                values = self.inner(self.relu(self.first(vectors.transpose(1, 2))).transpose(1, 2)).max(dim=1).values
            else:
                values = self.inner(self.first(vectors)[0]).mean(dim=1)
            return self.last(torch.tanh(self.middle(values)))

    same = Same().double()
    weights = [torch.tensor(weight.numpy(), dtype=torch.float64) for weight in ours(kind).weights]
    if kind == "conv":
        weights[0] = weights[0].permute(2, 1, 0)
        first = [same.first.weight, same.first.bias]
    else:  # Keras and PyTorch both order gates i, f, g, o; PyTorch adds two biases
        weights[:3] = [weights[0].T, weights[1].T, weights[2], torch.zeros_like(weights[2])]
        first = [same.first.weight_ih_l0, same.first.weight_hh_l0, same.first.bias_ih_l0, same.first.bias_hh_l0]
    weights[-4], weights[-2] = weights[-4].T, weights[-2].T
    with torch.no_grad():
        last = [same.middle.weight, same.middle.bias, same.last.weight, same.last.bias]
        for mine, given in zip([*first, *last], weights, strict=True):
            mine.copy_(given)
    return same


def tensor(array: np.ndarray) -> Any:
    return torch.tensor(array, dtype=torch.float64)


def token_players() -> Any:
    return torch.arange(LENGTH)[None, :, None].expand(1, LENGTH, WIDTH).contiguous()


# A position and a unit that matter: a convolution's that no maximum takes would be 0 for both.
NEURON = {"conv": (0, 3), "lstm": (4, 1)}
METHODS = {
    "saliency": lambda net, place: captum.Saliency(net).attribute(tensor(X), target=TARGET),
    "gradient_x_input": lambda net, place: captum.InputXGradient(net).attribute(tensor(X), target=TARGET),
    "integrated_gradients": lambda net, place: captum.IntegratedGradients(net).attribute(
        tensor(X), tensor(BASE), target=TARGET, n_steps=50),
    "neuron_integrated_gradients": lambda net, place: captum.NeuronIntegratedGradients(net, net.inner).attribute(
        tensor(X), place, tensor(BASE)),
    "neuron_conductance": lambda net, place: captum.NeuronConductance(net, net.inner).attribute(
        tensor(X), place, tensor(BASE), target=TARGET, method="gausslegendre"),
}


@pytest.mark.parametrize("kind", NEURON)
@pytest.mark.parametrize("method", METHODS)
def test_numbers_of_vectors(kind: str, method: str) -> None:
    position, unit = NEURON[kind]
    settings = {"layer": "inner", "position": position, "unit": unit} if method.startswith("neuron") else {}
    found = attribute(ours(kind), X, method=method, target=TARGET, baseline=BASE, **settings)
    other = METHODS[method](theirs(kind), NEURON[kind]).detach().numpy()
    assert np.abs(other).max() > 1e-3
    np.testing.assert_allclose(found.parts[0], other, atol=2e-6)


@pytest.mark.parametrize("kind", NEURON)
def test_tokens_taken_away(kind: str) -> None:
    net = theirs(kind)
    found = attribute(ours(kind), X, method="occlusion", target=TARGET, window=2, baseline=BASE)
    other = captum.Occlusion(net).attribute(tensor(X), (2, WIDTH), target=TARGET, baselines=tensor(BASE))
    np.testing.assert_allclose(2 * found.tokens, other[..., 0].numpy(), atol=2e-6)  # Captum shares nothing
    found = attribute(ours(kind), X, method="shapley", target=TARGET, baseline=BASE)
    other = captum.ShapleyValues(net).attribute(tensor(X), tensor(BASE), target=TARGET, feature_mask=token_players())
    np.testing.assert_allclose(found.tokens, other[..., 0].numpy(), atol=2e-6)


@pytest.mark.parametrize("kind", NEURON)
def test_units_of_a_layer(kind: str) -> None:
    found = attribute(ours(kind), X, method="layer_conductance", layer="inner", target=TARGET, baseline=BASE,
                      steps=2000)
    net = theirs(kind)
    other = captum.LayerConductance(net, net.inner).attribute(tensor(X), tensor(BASE), target=TARGET, n_steps=2000)
    np.testing.assert_allclose(found.heatmap, other.detach().numpy(), atol=5e-3)  # theirs takes the left ends
