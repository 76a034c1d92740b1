"""One update of the weights."""

from collections.abc import Callable

from probe.model.char_lstm import CharLSTM, stacked_states, unstacked_states
from probe.model.engine import keras, tf

# (ids (B, T), targets (B, T or 1), states (L, 2, B, U), dropout seed (2,)) → (loss in nats, states (L, 2, B, U)).
TrainStep = Callable[[tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor], tuple[tf.Tensor, tf.Tensor]]


def make_optimizer(model: CharLSTM, clip: float) -> keras.optimizers.Optimizer:
    """Return a built Adam (Kingma and Ba 2015) whose variables can be saved and loaded at once."""
    optimizer = keras.optimizers.Adam(1.0, global_clipnorm=clip or None)
    optimizer.build(model.trainable_variables)
    return optimizer


def make_step(model: CharLSTM, optimizer: keras.optimizers.Optimizer) -> TrainStep:
    """Return the compiled update of ``model`` by ``optimizer``; it changes both and nothing else."""

    @tf.function(autograph=False)
    def step(ids: tf.Tensor, targets: tf.Tensor, states: tf.Tensor, seed: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        with tf.GradientTape() as tape:
            reading = model.read(ids, unstacked_states(states), dropout_seed=seed)
            loss = tf.reduce_mean(model.losses(reading, targets))
        variables = model.trainable_variables
        optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables, strict=True))
        return loss, stacked_states(reading.states)

    return step
