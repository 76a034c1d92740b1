"""A user's own function as a tokenizer."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn

import numpy as np

from probe.errors import UserError
from probe.explain.tokenizers.encoded import Encoded
from probe.explain.tokenizers.laying import laid_on

ACCEPTED = "ids, (tokens, ids), (ids, spans) or Encoded"


@dataclass(frozen=True)
class FunctionTokenizer:
    """What a function makes of a text.

    The function returns one of:

    - ids (T,), whole numbers: each is shown as ``names`` says, else as ``<id>``;
    - tokens and ids, each T: the tokens are searched in the text one behind the other, and those that are not found
      are explained all the same, but colour nothing;
    - ids (T,) and spans (T, 2), first character and one past the last; an empty span is a token that does not stand
      in the text;
    - :class:`~probe.explain.tokenizers.Encoded`.

    Attributes:
        function: text → any of these.
        names: id → token.
    """

    function: Callable[[str], Any]
    names: Mapping[int, str] = field(default_factory=dict, repr=False)

    def encode(self, text: str) -> Encoded:
        returned = self.function(text)
        if isinstance(returned, Encoded):
            tokens, ids, offsets = returned.tokens, returned.ids, returned.offsets
        elif isinstance(returned, tuple) and len(returned) == 2 and np.ndim(_array(returned[0])) == 1:
            one, other = _array(returned[0]), _array(returned[1])
            if one.dtype.kind in "UO":
                tokens, ids = tuple(str(token) for token in returned[0]), _ids(other)
                offsets = laid_on(text, tokens)
            else:
                tokens, ids, offsets = self._shown(one), _ids(one), _spans(other)
        else:
            ids = _ids(_array(returned))
            tokens = self._shown(ids)
            offsets = laid_on(text, [self.names.get(number, "") for number in ids.tolist()])
        if (offsets > len(text)).any():
            raise UserError(f"the tokenizer's spans must lie in the text of {len(text):,} characters; received one "
                            f"that ends at {int(offsets.max()):,}")
        return Encoded.of(tokens, ids, offsets)

    def token_of(self, id: int) -> str:
        return self.names.get(id, f"<{id}>")

    def to_json(self) -> NoReturn:
        raise UserError("a tokenizer that is a function cannot be saved, because files of code are never opened; "
                        "WordTokenizer and CharacterTokenizer can")

    def _shown(self, ids: np.ndarray) -> tuple[str, ...]:
        return tuple(self.token_of(number) for number in ids.tolist())


def _array(value: Any) -> np.ndarray:
    try:
        return np.asarray(value)
    except (ValueError, TypeError) as error:
        raise UserError(f"a tokenizer must return {ACCEPTED}; received {value!r:.60}") from error


def _ids(array: np.ndarray) -> np.ndarray:
    if array.ndim != 1 or (array.size and array.dtype.kind not in "iu"):
        raise UserError(f"a tokenizer must return {ACCEPTED}, with ids that are whole numbers; received an array of "
                        f"{array.dtype} and shape {array.shape}")
    return array.astype(np.int64)


def _spans(array: np.ndarray) -> np.ndarray:
    if array.ndim != 2 or array.shape[1] != 2 or array.dtype.kind not in "iu":
        raise UserError(f"a tokenizer's spans must be whole numbers of shape (T, 2); received {array.dtype} of shape "
                        f"{array.shape}")
    spans = array.astype(np.int64)
    return np.where((spans[:, :1] == spans[:, 1:]), -1, spans)
