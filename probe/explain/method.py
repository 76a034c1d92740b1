"""What every attribution method is: settings, and one function from a question to an attribution."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from probe.errors import UserError
from probe.options import Options

if TYPE_CHECKING:
    from probe.explain.attribution import Attribution
    from probe.explain.question.question import Question
    from probe.explain.question.step import Step


@dataclass(frozen=True)
class Method(Options, ABC):
    """An attribution method; its fields are its settings, made by :func:`probe.options.option`.

    Attributes:
        name: by which it is chosen.
        words: what it is called on a page, with its paper.
        looks_at_a_layer: whether it can be asked about one.
        any_layer: whether it asks for values and gradients alone, and so takes every network: one to fall back on.
        of_units: whether it is asked of units of a layer, and so is no answer to what a text holds.
    """

    name: ClassVar[str]
    words: ClassVar[str]
    looks_at_a_layer: ClassVar[bool] = False
    any_layer: ClassVar[bool] = False
    of_units: ClassVar[bool] = False

    @abstractmethod
    def attribute(self, question: "Question") -> "Attribution":
        """Answer a question.

        Raises:
            UserError: a layer that the method does not support, by name.
        """

    def layer_of(self, question: "Question") -> int | None:
        """Return the number of the value after the layer that it looks at; None if it looks at none."""
        return question.layer

    def refusal(self, step: "Step", reason: str = "has no rule") -> UserError:
        """Return the error that names a layer which this method does not support, and methods that would work."""
        from probe.explain.registry import methods_where  # which knows this class

        others = ", ".join(methods_where(lambda kind: kind.any_layer and kind.name != self.name))
        return UserError(f"{self.name}: layer {step.name} ({step.kind}) {reason}; methods that work: {others}")
