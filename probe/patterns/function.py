"""Patterns from functions of the user's own."""

import importlib
import inspect
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, Self, get_args

import numpy as np

from probe.corpus.document import Document
from probe.errors import Interrupted, UserError, quoted
from probe.patterns.layout import pieces
from probe.patterns.pattern import LARGEST_LABEL, SCOPES, Context, Kind, Pattern, within_bounds

_SAMPLE = "‘Oh dear!’ said Alice.\nShe had 2 cats.\n"  # on which a function shows whether it is boolean or graded
_DOCUMENT = "document"


@dataclass(frozen=True)
class UserFunction(Pattern):
    """Labels that a function gives, which sees one file at a time.

    The function takes a text (N characters), or a :class:`Document` if its parameter is called ``document``, and
    returns N booleans or N numbers. Its attribute ``context``, if it has one, says that it sees one ``"line"``,
    ``"paragraph"`` or ``"file"`` at a time, without the break at its end, or the whole ``"document"``; what is outside
    has label 0. Its attribute ``kind``, if it has one, says whether it is ``"boolean"`` or ``"graded"``.

    It pickles as the names of its module and function.

    Attributes:
        name: of the pattern.
        module, function: where it is found.
        folder: where modules are looked for, beside where Python does.
        meaning: the first line of the function's docstring.
        context: what it sees at a time.
        kind: of its labels.
    """

    name: str
    module: str
    function: str
    folder: str
    meaning: str
    context: Context
    kind: Kind
    group = "yours"

    @classmethod
    def of(cls, name: str, target: str, folder: str | Path | None = None) -> Self:
        """Return the pattern of a function, after a trial on a short sample.

        Args:
            name: of the pattern; the function's if empty.
            target: ``MODULE:FUNCTION``.
            folder: where to look for the module too. Defaults to the current folder.

        Raises:
            UserError: there is no such function, its attributes are not what they should be, or it fails.
        """
        module, _, function = target.partition(":")
        if not module or not function.isidentifier():
            raise UserError(f"a function is given as MODULE:FUNCTION; received {quoted(target)}")
        if module.endswith(".py"):
            raise UserError(f"a function is given as MODULE:FUNCTION; leave out .py in {quoted(target)}")
        where = str(Path(folder or ".").resolve())
        found = _loaded(module, function, where)
        scope, kind = getattr(found, "context", "file"), getattr(found, "kind", None)
        if scope not in SCOPES[1:]:
            raise UserError(f"{target}: its context must be one of {', '.join(SCOPES[1:])}; received {scope!r}")
        if kind not in (None, *get_args(Kind)):
            raise UserError(f"{target}: its kind must be one of {', '.join(get_args(Kind))}; received {kind!r}")
        meaning = next(iter((inspect.getdoc(found) or "").splitlines()), "") or f"what {target} labels"
        trial = cls(name or function, module, function, where, meaning, Context(scope), kind or "graded")
        labels = trial._called(Document.of(_SAMPLE))
        if kind is None and labels.dtype == bool:
            return replace(trial, kind="boolean")
        return trial

    def label(self, document: Document) -> np.ndarray:
        labels = np.zeros(len(document), bool if self.kind == "boolean" else np.float32)
        searched = pieces(document, self.context.scope)
        for start, stop in zip(searched.starts.tolist(), searched.stops.tolist(), strict=True):
            labels[start:stop] = self._checked(self._called(document.part(start, stop)))
        return labels

    def _called(self, document: Document) -> np.ndarray:
        """Return what the function gives for ``document``: (N,) numbers of some kind."""
        target, found = f"{self.module}:{self.function}", _loaded(self.module, self.function, self.folder)
        try:
            labels = np.asarray(found(document if _takes_document(found) else document.text))
        except (KeyboardInterrupt, Interrupted):
            raise
        except BaseException as error:  # sys.exit too ends a function of the user's and not this program
            raise UserError(f"{target} failed on {len(document):,} characters: {type(error).__name__}: "
                            f"{' '.join(str(error).split())[:200]}") from error
        if labels.shape != (len(document),) or labels.dtype.kind not in "biuf":
            raise UserError(f"{target} must return a boolean or a number for each of {len(document):,} characters; "
                            f"received {labels.dtype} of shape {labels.shape}")
        return labels

    def _checked(self, labels: np.ndarray) -> np.ndarray:
        if self.kind == "boolean" and labels.dtype != bool and not np.isin(labels, (0, 1)).all():
            raise UserError(f"{self.module}:{self.function} is boolean and returned other numbers than 0 and 1; "
                            f"{self.function}.kind = 'graded' lets it")
        if not np.isfinite(labels).all():
            raise UserError(f"{self.module}:{self.function} returned a label that is not finite")
        if not within_bounds(labels).all():
            raise UserError(f"{self.module}:{self.function} returned a label beyond ±{LARGEST_LABEL:g}")
        return labels


@lru_cache
def _loaded(module: str, function: str, folder: str) -> Callable[[Any], Any]:
    if folder not in sys.path:
        sys.path.append(folder)  # last, so that no file there takes the place of what is installed
    importlib.invalidate_caches()
    try:
        found = getattr(importlib.import_module(module), function, None)
    except (KeyboardInterrupt, Interrupted):
        raise
    except BaseException as error:
        raise UserError(f"{module}: cannot be imported, from {folder} or elsewhere: {type(error).__name__}: "
                        f"{' '.join(str(error).split())[:200]}") from error
    if not callable(found):
        raise UserError(f"{module}: has no function {function!r}")
    return found


def _takes_document(function: Callable[[Any], Any]) -> bool:
    try:
        return next(iter(inspect.signature(function).parameters), "") == _DOCUMENT
    except (TypeError, ValueError):  # it tells nothing of itself, as some built in others' machine code
        return False
