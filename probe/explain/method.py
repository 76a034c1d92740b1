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

# Methods that ask for values and gradients alone, and so take every layer.
ANY_LAYER = ("saliency", "gradient_x_input", "integrated_gradients", "smooth_grad", "occlusion", "shapley", "grad_cam")


@dataclass(frozen=True)
class Method(Options, ABC):
    """An attribution method; its fields are its settings, made by :func:`probe.options.option`.

    Attributes:
        name: by which it is chosen.
        words: what it is called on a page, with its paper.
        looks_at_a_layer: whether it can be asked about one.
    """

    name: ClassVar[str]
    words: ClassVar[str]
    looks_at_a_layer: ClassVar[bool] = False

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
        others = ", ".join(name for name in ANY_LAYER if name != self.name)
        return UserError(f"{self.name}: layer {step.name} ({step.kind}) {reason}; methods that work: {others}")
