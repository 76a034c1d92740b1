"""The example of docs/interchange.md, run as it stands where PyTorch is installed."""

import re
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="PyTorch is not installed; it is no dependency of this project")

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "interchange.md"
TEXT = "“Come in,” said the fox (a red one). The cat, who was 3, did not.\n\n" * 200


def lstm(network, inputs):
    """h of torch.nn.LSTM from the equations in its documentation, float64; gates in the order i, f, g, o."""
    weights = {name: array.detach().double().numpy() for name, array in network.named_parameters()}
    h = c = np.zeros(network.hidden_size)
    rows = []
    for row in inputs:
        z = weights["weight_ih_l0"] @ row + weights["bias_ih_l0"] + weights["weight_hh_l0"] @ h + weights["bias_hh_l0"]
        i, f, g, o = np.split(z, 4)
        c = c / (1 + np.exp(-f)) + np.tanh(g) / (1 + np.exp(-i))
        h = np.tanh(c) / (1 + np.exp(-o))
        rows.append(h)
    return np.array(rows)


def test_the_example_runs_and_records_the_network_s_states(tmp_path, monkeypatch, capsys):
    (example,) = [code for code in re.findall(r"```python\n(.*?)```", DOCUMENT.read_text("utf-8"), re.DOTALL)
                  if "import torch" in code]
    monkeypatch.chdir(tmp_path)
    Path("book.txt").write_bytes(TEXT.encode("utf-8"))
    torch.manual_seed(0)
    names: dict = {}
    exec(compile(example, str(DOCUMENT), "exec"), names)
    assert "inside_quotes" in capsys.readouterr().out
    assert Path("gallery.html").stat().st_size > 10_000
    recorded, network = names["recorded"], names["network"]
    inputs = np.eye(len(names["characters"]))[names["ids"].numpy()]
    found = np.concatenate([block.activations["lstm", "hidden"][0] for block in recorded])
    assert found.shape == (len(TEXT), 32)
    np.testing.assert_allclose(found[:2000], lstm(network, inputs[:2000]), atol=1e-5)


def test_tensors_are_taken_and_those_that_carry_gradients_are_refused_with_the_reason():
    from probe.activations import Recorded
    from probe.errors import UserError

    tensor = torch.arange(40, dtype=torch.float64).reshape(20, 2)
    (block,) = Recorded.of(tensor, "ab" * 10)
    np.testing.assert_array_equal(block.activations["1", "hidden"][0], np.arange(40).reshape(20, 2))
    with pytest.raises(UserError, match=r"1/hidden: cannot be read as a numpy array: .*detach"):
        Recorded.of(tensor.requires_grad_(), "ab" * 10)
    with pytest.raises(UserError, match="cannot be read as a numpy array"):
        Recorded.of(torch.zeros(20, 2, dtype=torch.bfloat16), "ab" * 10)
