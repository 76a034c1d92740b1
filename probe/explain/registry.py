"""The attribution methods by name."""

from collections.abc import Callable
from dataclasses import fields
from importlib import import_module
from typing import Any

from probe.errors import UserError
from probe.explain.method import Method
from probe.options import named

METHODS = {
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
    "grad_cam": ("grad_cam", "GradCam"),
    "eli5": ("eli5", "Eli5"),
    "talentpair": ("talentpair", "Talentpair"),
}
"""All methods of attribution: name → (module, class) under `probe.explain.methods`, imported when it is asked for."""
# What is sought by other names → what answers the same question here.
KIN = {
    "lime": ("occlusion", "shapley"), "shap": ("shapley",), "kernel_shap": ("shapley",), "deep_shap": ("deep_lift",),
    "gradient_shap": ("integrated_gradients",), "gradients": ("saliency",), "lrp": ("lrp_epsilon", "lrp_gamma"),
    "conductance": ("layer_conductance", "neuron_conductance"),
}


def method_class(name: str) -> type[Method]:
    """Return the class of the method called ``name``.

    Raises:
        UserError: there is none of that name.
    """
    kin = KIN.get(name.lower())
    if kin is not None:
        raise UserError(f"no method is called {name!r}; nearest to it {'are' if kin[1:] else 'is'} {' and '.join(kin)}")
    module, kind = named("method", name, METHODS)
    found: type[Method] = getattr(import_module(f"probe.explain.methods.{module}"), kind)
    return found


def methods_where(holds: Callable[[type[Method]], bool]) -> tuple[str, ...]:
    """Return the names of the methods for whose class something holds."""
    return tuple(name for name in METHODS if holds(method_class(name)))


def method_of(method: str | Method, settings: dict[str, Any], layer: Any = None) -> Method:
    """Return a method with its settings.

    Args:
        method: its name, or the method itself.
        settings: fields of the method; none for a method itself.
        layer: what it is asked about, or None.

    Raises:
        UserError: there is no such method or setting, a setting is out of its bounds, or the method looks at no layer.
    """
    chosen = _chosen(method, settings)
    if layer is not None and not chosen.looks_at_a_layer:
        raise UserError(f"layer is for methods that look at one; received {layer!r:.80} beside {chosen.name}")
    return chosen


def _chosen(method: str | Method, settings: dict[str, Any]) -> Method:
    if isinstance(method, Method):
        if settings:
            raise UserError(f"settings belong to a method's name; received {', '.join(settings)} beside "
                            f"{type(method).__name__}")
        return method
    kind = method_class(method)
    strange = next((name for name in settings if name not in _settings_of(kind)), None)
    if strange is not None:
        owners = [name for name in METHODS if strange in _settings_of(method_class(name))]
        raise UserError(f"{method} has no setting {strange!r:.80}; " + (
            f"methods that have it: {', '.join(owners)}" if owners else
            f"it has {', '.join(_settings_of(kind)) or 'none'}"))
    return kind(**settings)


def _settings_of(kind: type[Method]) -> list[str]:
    return [field.name for field in fields(kind)]
