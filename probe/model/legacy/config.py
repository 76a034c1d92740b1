"""Reading a layer's configuration so that nothing in it is ignored by accident."""

from collections.abc import Mapping
from typing import Any, NoReturn

from probe.errors import UserError
from probe.model.legacy.activations import NAMES

# What has no part in the arithmetic of inference.
HARMLESS = frozenset({
    "name", "trainable", "batch_input_shape", "batch_shape", "input_length", "implementation", "unroll", "dropout",
    "recurrent_dropout", "unit_forget_bias", "activity_regularizer", "momentum", "noise_shape", "seed", "stddev", "l1",
    "l2", "input_dim",
})
HARMLESS_ENDINGS = ("_initializer", "_regularizer", "_constraint")
LARGEST = 1 << 24


def described_parts(description: Any) -> tuple[str, dict[str, Any]]:
    """Return the class and the settings of a layer as a Keras configuration describes it.

    Raises:
        UserError: it describes no layer, or a class that somebody registered, by whatever name.
    """
    if not isinstance(description, Mapping):
        raise UserError(f"not a layer of a Keras configuration: {description!r:.80}")
    kind, values = description.get("class_name"), description.get("config")
    if not isinstance(kind, str) or not isinstance(values, dict):
        raise UserError(f"a layer must have a class_name and a config; received {list(description)!r:.80}")
    registered = description.get("registered_name")
    if registered is not None:
        raise UserError(f"layer {values.get('name')!s:.80} ({registered!r:.80}): a class of somebody's own is refused")
    return kind, values


class Config:
    """One layer's configuration, taken key by key.

    Args:
        kind: the layer's class, for example ``"LSTM"``.
        values: its ``config`` as JSON values.
        zeroes_masked_steps: whether the Keras that wrote it puts zeros at masked steps inside Bidirectional.

    Raises:
        UserError: by every method; the message names the layer.
    """

    def __init__(self, kind: str, values: Mapping[str, Any], *, zeroes_masked_steps: bool = True) -> None:
        self.kind = kind
        self.zeroes_masked_steps = zeroes_masked_steps
        self._values = dict(values)
        name = self._values.get("name")
        self.name = name if isinstance(name, str) and name.isprintable() and name else "without a name"
        if self.name != name:
            self.refuse("a layer must have a name, of printable characters")
        self._read_dtype()

    def refuse(self, reason: str) -> NoReturn:
        """Raise :class:`UserError` about this layer."""
        raise UserError(f"layer {self.name} ({self.kind}): {reason}")

    def size(self, key: str, default: int | None = None, minimum: int = 1) -> int:
        """Take a whole number; one in a list of one counts as itself."""
        value = self._take(key, default)
        value = value[0] if isinstance(value, list) and len(value) == 1 else value
        if not isinstance(value, int) or isinstance(value, bool) or not minimum <= value <= LARGEST:
            self.refuse(f"{key} must be a whole number from {minimum} to {LARGEST:,}; received {value!r:.80}")
        return value

    def number(self, key: str, default: float | None = None) -> float:
        """Take a finite number."""
        value = self._take(key, default)
        if not isinstance(value, int | float) or isinstance(value, bool) or not abs(value) < 1e30:
            self.refuse(f"{key} must be a finite number; received {value!r:.80}")
        return float(value)

    def flag(self, key: str, default: bool) -> bool:
        """Take true or false."""
        value = self._take(key, default)
        if not isinstance(value, bool):
            self.refuse(f"{key} must be true or false; received {value!r:.80}")
        return value

    def choice(self, key: str, choices: tuple[str, ...], default: str) -> str:
        """Take one of ``choices``; null counts as ``default``."""
        value = self._take(key, default)
        value = default if value is None else value
        if not isinstance(value, str) or value not in choices:
            self.refuse(f"{key} {value!r:.80} is not supported; accepted are {', '.join(choices)}")
        return value

    def activation(self, key: str = "activation") -> str:
        """Take the name of an activation function; null counts as linear, and a missing key would as another one."""
        if key not in self._values:
            self.refuse(f"has no {key}, as Keras 2 writes it")
        return self.choice(key, NAMES, "linear")

    def layer(self, key: str) -> dict[str, Any]:
        """Take the description of an inner layer."""
        value = self._take(key, None)
        if not isinstance(value, dict):
            self.refuse(f"{key} must describe a layer; received {value!r:.80}")
        return value

    def given(self, key: str) -> bool:
        """Return whether ``key`` is there and not null."""
        return self._values.get(key) is not None

    def any(self, key: str, default: Any = None) -> Any:
        """Take a value that the caller checks."""
        return self._take(key, default)

    def only(self, key: str, *accepted: Any) -> None:
        """Take a value that must be one of ``accepted``, or missing."""
        if key in self._values:
            value = self._values.pop(key)
            if not any(value is each or (type(value) is type(each) and value == each) for each in accepted):
                self.refuse(f"{key}={value!r:.80} is not supported; accepted is {accepted[0]!r}")

    def finish(self) -> None:
        """Refuse what is left and might change the arithmetic."""
        left = sorted(key for key in self._values if key not in HARMLESS and not key.endswith(HARMLESS_ENDINGS))
        if left:
            self.refuse(f"its setting {left[0]}={self._values[left[0]]!r:.80} is not known here")

    def _take(self, key: str, default: Any) -> Any:
        value = self._values.pop(key, default)
        if value is None and default is not None:
            return default
        if value is None:
            self.refuse(f"has no {key}, as Keras 2 writes it")
        return value

    def _read_dtype(self) -> None:
        dtype = self._values.pop("dtype", None)
        if isinstance(dtype, dict):  # a policy, as late versions of tf.keras write it
            inner = dtype.get("config")
            dtype = inner.get("name") if isinstance(inner, dict) else repr(dtype)
        whole = ("int32", "int64") if self.kind in ("InputLayer", "Embedding") else ()
        accepted = (None, "float32", "float64", *whole)
        if dtype not in accepted:
            self.refuse(f"dtype {dtype!r:.80} is not supported; accepted are float32 and float64")
