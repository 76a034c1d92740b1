"""The attribution methods by name."""

from importlib import import_module
from typing import Any

from probe.errors import UserError
from probe.explain.method import Method
from probe.options import named

# name → (module, class)
METHODS = {
    "grad_cam": ("grad_cam", "GradCam"),
    "saliency": ("saliency", "Saliency"),
    "gradient_x_input": ("gradient_x_input", "GradientXInput"),
    "integrated_gradients": ("integrated_gradients", "IntegratedGradients"),
    "smooth_grad": ("smooth_grad", "SmoothGrad"),
    "lrp_epsilon": ("lrp", "LrpEpsilon"),
    "lrp_gamma": ("lrp", "LrpGamma"),
    "lrp_alpha_beta": ("lrp", "LrpAlphaBeta"),
    "deep_lift": ("deep_lift", "DeepLift"),
    "occlusion": ("occlusion", "Occlusion"),
    "shapley": ("shapley", "Shapley"),
    "layer_conductance": ("conductance", "LayerConductance"),
    "neuron_conductance": ("neuron", "NeuronConductance"),
    "neuron_integrated_gradients": ("neuron", "NeuronIntegratedGradients"),
    "state_conductance": ("state_conductance", "StateConductance"),
    "eli5": ("eli5", "Eli5"),
    "talentpair": ("talentpair", "Talentpair"),
}


def method_class(name: str) -> type[Method]:
    """Return the class of the method called ``name``.

    Raises:
        UserError: there is none of that name.
    """
    module, kind = named("method", name, METHODS)
    found: type[Method] = getattr(import_module(f"probe.explain.methods.{module}"), kind)
    return found


def method_of(method: str | Method, settings: dict[str, Any]) -> Method:
    """Return a method with its settings.

    Args:
        method: its name, or the method itself.
        settings: fields of the method; none for a method itself.

    Raises:
        UserError: there is no such method or setting, or a setting is out of its bounds.
    """
    if isinstance(method, Method):
        if settings:
            raise UserError(f"settings belong to a method's name; received {', '.join(settings)} beside "
                            f"{type(method).__name__}")
        return method
    kind = method_class(method)
    strange = next((name for name in settings if name not in kind.__dataclass_fields__), None)
    if strange is not None:
        accepted = ", ".join(kind.__dataclass_fields__) or "none"
        raise UserError(f"{method} has no setting {strange!r:.80}; it has {accepted}")
    return kind(**settings)
