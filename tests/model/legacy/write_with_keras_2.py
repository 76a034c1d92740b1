"""Write networks with Keras 2 itself (tf_keras), with what it predicts: run as a program, since both Keras in one
process would share what they register.

    python write_with_keras_2.py FOLDER
"""

import os
import sys
import warnings
from pathlib import Path

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
warnings.simplefilter("ignore")

import numpy as np  # noqa: E402
import tf_keras as keras  # noqa: E402
from tf_keras.src.layers.rnn import gru, lstm  # noqa: E402
from tf_keras.src.saving.legacy import hdf5_format  # noqa: E402

L = keras.layers
# While a network is put together Keras writes code for GPUs beside each layer's own, with gradients, and calls it
# nowhere here: half of all the time.
gru.gru_with_backend_selection, lstm.lstm_with_backend_selection = gru.standard_gru, lstm.standard_lstm
VOCABULARY = 11


def ids_in(*names):
    return [L.Input((None,), name=name) for name in names]


def char_model(recurrent_activation, **settings):
    return keras.Sequential([
        L.LSTM(8, return_sequences=True, recurrent_activation=recurrent_activation, input_shape=(6, 1), **settings),
        L.Dropout(0.3), L.LSTM(8, recurrent_activation=recurrent_activation, **settings), L.Dropout(0.3),
        L.Dense(VOCABULARY, activation="softmax")])


def embedded_char_model():
    return keras.Sequential([
        L.Embedding(VOCABULARY, 5), L.LSTM(7, return_sequences=True, recurrent_activation="hard_sigmoid"),
        L.TimeDistributed(L.Dense(VOCABULARY)), L.Activation("softmax")])


def one_hot_char_model():
    return keras.Sequential([L.LSTM(9, input_shape=(None, VOCABULARY), stateful=False), L.Dense(VOCABULARY),
                             L.Activation("softmax")])


def bidirectional():
    """Masks through Bidirectional layers; the maximum over time sees masked steps, the mean does not."""
    [ids] = ids_in("ids")
    x = L.Embedding(20, 4, mask_zero=True)(ids)
    x = L.Bidirectional(L.LSTM(3, return_sequences=True, recurrent_activation="hard_sigmoid"))(x)
    x = L.SpatialDropout1D(0.2)(x)
    pooled = [L.GlobalAveragePooling1D()(x), L.GlobalMaxPooling1D()(x)]
    summed = L.Bidirectional(L.LSTM(3, return_sequences=True), merge_mode="sum")(x)
    return keras.Model(ids, [L.Concatenate()(pooled), L.Bidirectional(L.LSTM(2), merge_mode="mul")(summed),
                             L.Bidirectional(L.LSTM(2), merge_mode="ave")(summed)])


def convolutions():
    return keras.Sequential([
        L.Embedding(20, 4, mask_zero=True, input_length=40),
        L.Conv1D(6, 3, padding="same", strides=2, activation="relu"), L.MaxPooling1D(3, strides=2, padding="same"),
        L.Conv1D(5, 2, padding="causal", dilation_rate=3, activation="elu"), L.BatchNormalization(),
        L.AveragePooling1D(4, strides=3, padding="same"), L.Conv1D(4, 2, use_bias=False), L.MaxPooling1D(2, strides=1),
        L.Flatten(), L.Dense(6, activation="selu"), L.GaussianNoise(0.1), L.Dense(3, activation="sigmoid")])


def functional():
    """Two inputs, branches, a layer that reads backwards, two outputs."""
    ids, = ids_in("ids")
    numbers = L.Input((None, 3), name="numbers")
    x = L.Embedding(20, 3)(ids)
    forwards, backwards = L.LSTM(4)(x), L.LSTM(4, go_backwards=True, use_bias=False)(numbers)
    sequence = L.LSTM(3, go_backwards=True, return_sequences=True)(L.Add()([x, numbers]))
    joined = L.Concatenate()([L.Multiply()([forwards, backwards]), L.Average()([forwards, backwards]),
                              L.GlobalAveragePooling1D()(sequence)])
    return keras.Model([ids, numbers], [L.Dense(2, activation="softplus")(joined), sequence])


def masked_numbers():
    return keras.Sequential([
        L.Masking(0.5, input_shape=(None, 3)), L.LSTM(4, return_sequences=True, recurrent_activation="hard_sigmoid"),
        L.TimeDistributed(L.Dense(4, activation="softsign")), L.LSTM(5, return_sequences=True)])


def gated():
    """Both variants of the GRU, both ways, and a simple recurrent layer, behind a mask."""
    return keras.Sequential([
        L.Masking(0.5, input_shape=(None, 3)), L.GRU(4, return_sequences=True, reset_after=False, use_bias=False),
        L.Bidirectional(L.GRU(3, return_sequences=True, recurrent_activation="hard_sigmoid")),
        L.LayerNormalization(), L.SimpleRNN(5, return_sequences=True, activation="relu"),
        L.Bidirectional(L.SimpleRNN(3), merge_mode="sum"), L.Dense(4, activation="gelu"),
        L.Dense(2, activation="swish")])


def activations():
    names = ("linear", "sigmoid", "hard_sigmoid", "tanh", "relu", "softmax", "elu", "selu", "softplus", "softsign",
             "exponential")
    x = L.Input((3,), name="x")
    return keras.Model(x, [L.Dense(4, activation=name, name=f"dense/{name}")(x) for name in names])


def many_names():
    """Names too long for one attribute, which Keras divides."""
    return keras.Sequential([L.Dense(3, input_shape=(2,), name="first_" + "n" * 600)] + [
        L.Dropout(0.5, name=f"d{number}_" + "n" * 600) for number in range(120)] + [L.Dense(2, name="last")])


def branches():
    """Three layers of one shape, of which the last in Keras' order stands before another in depth."""
    x = L.Input((4,), name="x")
    a, b, c = (L.Dense(4, activation="tanh", name=name) for name in ("first", "second", "third"))
    return keras.Model(x, L.Concatenate()([b(a(x)), c(x)]))


def shared():
    ids, other = ids_in("ids", "other")
    embedding = L.Embedding(20, 3)
    return keras.Model([ids, other], L.Add()([embedding(ids), embedding(other)]))


def returning_state():
    [ids] = ids_in("ids")
    x, h, _ = L.LSTM(3, return_state=True, name="stately")(L.Embedding(20, 3)(ids))
    return keras.Model(ids, [x, h])


REFUSED = {
    "lambda": lambda: keras.Sequential([L.Dense(2, input_shape=(3,)), L.Lambda(lambda x: x * 2, name="evil")]),
    "gru": lambda: keras.Sequential([L.RNN(L.GRUCell(3), input_shape=(None, 2), name="gated")]),
    "shared": shared,
    "nested": lambda: keras.Sequential([keras.Sequential([L.Dense(2, input_shape=(3,))], name="inner"), L.Dense(2)]),
    "state": returning_state,
    "leaky": lambda: keras.Sequential([L.Dense(2, input_shape=(3,), activation="mish", name="smooth")]),
}
PREDICTED = {
    "char_sigmoid": lambda: char_model("sigmoid"), "char_hard": lambda: char_model("hard_sigmoid"),
    "char_no_bias": lambda: char_model("sigmoid", use_bias=False),
    "char_embedded": embedded_char_model, "char_one_hot": one_hot_char_model,
    "bidirectional": bidirectional,
    "convolutions": convolutions, "functional": functional, "masked_numbers": masked_numbers, "gated": gated,
    "activations": activations, "many_names": many_names, "branches": branches,
}


def filled(model, generator):
    for weight in model.weights:
        values = generator.normal(size=weight.shape) * 0.8
        weight.assign(np.abs(values) + 0.5 if "variance" in weight.name else values)
    return model


def inputs_of(model, generator):
    inputs = []
    for tensor in model.inputs:
        shape = (5, *(size or 12 for size in tensor.shape[1:]))
        if len(shape) == 2 and tensor.shape[1] != 3 and tensor.shape[1] != 2:
            values = generator.integers(1, VOCABULARY, shape).astype(np.float32)
            values[1, -5:] = values[2, :4] = values[3, 1::2] = 0
        else:
            values = generator.normal(size=shape).astype(np.float32)
            if len(shape) == 3:
                values[1, -4:] = values[2, :3] = values[3, 1::2] = 0.5
        inputs.append(values)
    return inputs


class CuDNNLSTM:
    """Keras tells layers by the names of their classes: for one of this name it writes cuDNN's layout."""


def main(folder: Path) -> None:
    generator = np.random.default_rng(7)
    for name, make in PREDICTED.items():
        model = filled(make(), generator)
        inputs = inputs_of(model, generator)
        outputs = model(inputs[0] if len(inputs) == 1 else inputs, training=False)
        outputs = outputs if isinstance(outputs, list) else [outputs]
        model.save(folder / f"{name}.h5")
        model.save(folder / f"{name}.keras")
        model.save_weights(folder / f"{name}.weights-only.h5")
        (folder / f"{name}.json").write_text(model.to_json())
        np.savez(folder / f"{name}.npz", **{f"in{k}": each for k, each in enumerate(inputs)},
                 **{f"out{k}": np.asarray(each) for k, each in enumerate(outputs)})
        if name == "char_sigmoid":
            lstms = [layer for layer in model.layers if isinstance(layer, L.LSTM)]
            converted = [hdf5_format.preprocess_weights_for_loading(CuDNNLSTM(), layer.get_weights(), "2")
                         for layer in lstms]
            np.savez(folder / "cudnn.npz", **{f"layer{k}_{part}": array for k, arrays in enumerate(converted)
                                              for part, array in enumerate(arrays)})
    for name, make in REFUSED.items():
        make().save(folder / f"{name}.h5")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
