"""Named recipes: a text's reading, a network and a training that belong together."""

from dataclasses import dataclass

from probe.corpus import CorpusOptions
from probe.model.options import ModelOptions
from probe.train.options import TrainOptions


@dataclass(frozen=True)
class Preset:
    """One recipe, with a line that says what it is for."""

    meaning: str
    corpus: CorpusOptions
    model: ModelOptions
    training: TrainOptions


PRESETS = {
    "small": Preset(
        "one layer of 256 units: minutes on a laptop",
        CorpusOptions(), ModelOptions(), TrainOptions(epochs=30)),
    "karpathy": Preset(
        "two layers of 512 units with dropout: a night on a laptop, minutes on a GPU",
        CorpusOptions(), ModelOptions(units=512, layers=2, dropout=0.3),
        TrainOptions(epochs=50, batch=64, length=100, learning_rate=0.002)),
    "article": Preset(
        "as 'Visualising LSTM Activations in Keras' trains: windows of 100 characters, one number a character, "
        "the last layer's last step alone predicts",
        CorpusOptions(collapse_spaces=True), ModelOptions(units=512, layers=2, dropout=0.5, input="scalar"),
        TrainOptions(epochs=300, objective="last", batch=2048, length=100, learning_rate=0.001, schedule="constant",
                     warm_up=0, clip=0)),
}
"""All presets by name."""
