"""What the trainer knows of what it trains."""

from abc import ABC, abstractmethod
from collections.abc import Mapping

from probe.model.engine import keras, tf


class Task(ABC):
    """A network, the data it is given, and what it carries from one update to the next.

    All that an update does follows from the weights, the optimizer, ``states`` and the update's number: these are what
    a checkpoint keeps, and a training that is restored from them goes on as if it had not stopped.

    Attributes:
        model: whose weights are trained and kept.
        optimizer: built over them.
        kernel, precision, device: what computes its LSTM layers, in what, and where.
        parts: in which a device's share of a batch is read at once.
        steps_per_epoch: updates in one pass over the data; None for data without an end.
        characters: read in one update.
        states: recurrent states carried into the next update, float32 of any shape.
    """

    model: keras.Model
    optimizer: keras.optimizers.Optimizer
    kernel: str
    precision: str
    device: str
    parts: int
    steps_per_epoch: int | None
    characters: int
    states: tf.Tensor

    @abstractmethod
    def update(self, step: int) -> float:
        """Make update ``step``, from 0, at the optimizer's learning rate; return its loss in nats a character."""

    @abstractmethod
    def validation(self) -> Mapping[str, float]:
        """Return what the log keeps of a validation: ``validation_loss`` in nats a character, and more."""

    @property
    @abstractmethod
    def words(self) -> str:
        """What is trained, on what: ``"1 × 256 units, …; 135,000 characters to train on, 73 distinct"``."""

    @abstractmethod
    def remedy(self, patient: bool) -> str:
        """Return what helps a network that learns its training data by heart.

        Args:
            patient: whether the plan stops early by itself.
        """
