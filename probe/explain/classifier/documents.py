"""What is explained, in whichever way it was given: texts, tokens or ids, as rows that the network takes."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from probe.errors import UserError
from probe.explain.classifier.batch import Batch
from probe.explain.tokenizers import Encoded, Tokenizer, laid_on

SIDES = ("pre", "post")


def encoded_ids(ids: np.ndarray, tokens: Sequence[str] | None, text: str | None,
                tokenizer: Tokenizer | None) -> Encoded:
    """Return the tokens that ids (T,) stand for.

    Args:
        ids: whole numbers.
        tokens: T words to show; those of the tokenizer if there are none, else the ids themselves.
        text: in which the tokens are searched; None for nowhere.
        tokenizer: tells tokens if none are given.

    Raises:
        UserError: there are not as many tokens as ids.
    """
    if tokens is None:
        tokens = [tokenizer.token_of(int(each)) if tokenizer is not None else str(each) for each in ids]
    if len(tokens) != len(ids):
        raise UserError(f"each id needs its token; received {len(ids)} ids and {len(tokens)} tokens")
    return Encoded.of(tokens, ids, np.full((len(ids), 2), -1) if text is None else laid_on(text, tokens))


def joined(tokens: Sequence[str], pads: np.ndarray) -> tuple[str, np.ndarray]:
    """Return tokens as a text, by a space between them unless one holds a space, and where each stands in it, (T, 2).

    Args:
        tokens: T of them.
        pads: (T,) bool, those that are left out.
    """
    between = "" if any(" " in token for token in tokens) else " "
    lengths = np.array([0 if pad else len(token) for token, pad in zip(tokens, pads, strict=True)], np.int64)
    ends = np.cumsum(lengths + np.where(lengths > 0, len(between), 0)) - len(between)
    spans = np.where((lengths > 0)[:, None], np.stack([ends - lengths, ends], axis=1), -1)
    return between.join(token for token, length in zip(tokens, lengths, strict=True) if length), spans


def encoded_tokens(tokens: Sequence[str], text: str | None, tokenizer: Any) -> Encoded:
    """Return the ids of tokens, which the tokenizer's table has.

    Raises:
        UserError: the tokenizer has no table, or the tokens are texts.
    """
    table = getattr(tokenizer, "ids", None)
    strange = [token for token in tokens if table is None or token not in table]
    several = next((token for token in strange if len(token.split()) > 1), None)
    if several is not None:
        raise UserError(f"a list of strings is the tokens of one text, and {several!r:.60} is a text: explain_all "
                        "takes a list of texts")
    if table is None:
        raise UserError("tokens need a tokenizer with a table of ids, such as WordTokenizer; else give ids, and "
                        "tokens= beside them (explain_all takes a list of texts)")
    if strange and tokenizer.unknown is None:
        raise UserError(f"the tokenizer has no id for the token {strange[0]!r:.80}")
    return encoded_ids(np.array([table.get(token, tokenizer.unknown) for token in tokens], np.int64), tokens, text,
                       tokenizer)


def with_padding(batch: Batch, pad_value: int | None, pad_token: str | None, side: str | None) -> Batch:
    """Return a batch in which the padding that came with its ids is marked too: runs of pads at the ends of a row.

    Args:
        batch: B texts of T tokens.
        pad_value: the id of padding, or None.
        pad_token: the token of padding, or None.
        side: ``"pre"`` or ``"post"``, at which end alone padding is looked for; None is both.

    Raises:
        UserError: there is no such side.
    """
    if side is not None and side not in SIDES:
        raise UserError(f"padding must be one of {', '.join(SIDES)}; received {side!r:.40}")
    pad = batch.pads.copy()
    if pad_value is not None:
        pad |= batch.ids == pad_value
    if pad_token is not None:
        pad |= np.array([[token == pad_token for token in row] for row in batch.tokens])
    none = np.zeros_like(pad)
    before = none if side == "post" else np.logical_and.accumulate(pad, axis=1)
    behind = none if side == "pre" else np.logical_and.accumulate(pad[:, ::-1], axis=1)[:, ::-1]
    pads = before | behind
    return replace(batch, pads=pads, offsets=np.where(pads[..., None], -1, batch.offsets))
