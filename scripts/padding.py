"""Why padding gets weight, and what helps: the table and the picture of docs/explain-padding.md.

    python scripts/padding.py [PICTURE]
"""

import sys

import numpy as np
from matplotlib.figure import Figure

from probe.explain import TextExplanation, explain
from probe.render import save_figure, table

WORDS, LENGTH, PAD = 27, 150, 0
METHODS = "saliency gradient_x_input lrp_epsilon grad_cam integrated_gradients deep_lift occlusion shapley".split()


def network(*, zero_row=False):
    """Words → vectors of 16 → convolution over 3 → maxima of 5 → 2 labels; the pad has a vector as words have."""
    from keras import Input, Sequential, layers
    model = Sequential([
        Input((LENGTH,), dtype="int32"), layers.Embedding(100, 16), layers.Conv1D(32, 3, activation="relu"),
        layers.MaxPooling1D(5), layers.Flatten(), layers.Dense(2, activation="softmax")])
    draw = np.random.default_rng(0)
    rows, *others = [draw.normal(size=w.shape) / np.sqrt(w.size / w.shape[-1]) for w in model.get_weights()]
    rows[PAD] *= not zero_row
    model.set_weights([rows, *others])
    return model


def explained(model, method: str, **options) -> TextExplanation:
    ids = np.random.default_rng(1).integers(1, 100, WORDS)  # which explain fills up to 150
    return explain(model, ids, method=method, pad_value=PAD, target=1, **options)


def counted(weights: np.ndarray) -> int:
    return np.count_nonzero(abs(weights) > 1e-5 * abs(weights).sum())  # less is an error of rounding


def draw(rows: dict[str, TextExplanation]) -> Figure:
    """The weight of each token, a panel an explanation; padding is orange."""
    figure = Figure(figsize=(6.9, 1.15 * len(rows)), layout="constrained")
    for axes, (name, each) in zip(figure.subplots(len(rows), 1, sharex=True), rows.items(), strict=True):
        axes.bar(range(LENGTH), each.weights, width=1, color=np.where(each.pads, "#d55e00", "#0072b2"))
        axes.set_title(f"{name}: {each.pad_share:.0%} of Σ|weight| on padding", fontsize=8, loc="left")
    return figure


if __name__ == "__main__":
    usual, zero = network(), network(zero_row=True)
    found = {name: [explained(usual, name), explained(usual, name, baseline="pad"), explained(zero, name)]
             for name in METHODS}
    print(table(("method", "tokens with weight", "on padding", "baseline pad", "zero pad row"), [
        (name, f"{counted(three[0].weights)} of {LENGTH}", *(f"{each.pad_share:.1%}" for each in three))
        for name, three in found.items()]))
    if len(sys.argv) > 1:
        save_figure(draw({"gradient × input": found["gradient_x_input"][0],
                          "integrated gradients, baseline pad": found["integrated_gradients"][1],
                          "gradient × input, zero pad row": found["gradient_x_input"][2]}), sys.argv[1])
