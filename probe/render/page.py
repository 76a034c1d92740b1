"""The one place where text becomes HTML: autoescaping templates, data for scripts, and a policy that shuts it in."""

import base64
import hashlib
import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from probe.files import read_text
from probe.render.graphemes import visible
from probe.render.palette import Palette, Shades

TEMPLATES = Path(__file__).parent / "templates"

# What could end a script element, split a line of script, reorder a source view, or not be encoded at all.
_UNSAFE_IN_SCRIPT = re.compile(
    "[<>&\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff\ufffe\uffff]"
)


def render_page(template: str, *, folder: Path = TEMPLATES, style: str, script: str = "", data: Any = None,
                **context: Any) -> str:
    """Return a whole HTML page that loads nothing, from a template that extends ``page.html``.

    Every value in ``context`` is escaped by the template, and what is invisible in it is spelt out.

    Args:
        template: name of a file in ``folder`` or among this room's templates.
        folder: where the caller's templates lie.
        style: our own style sheet; it takes no text from outside.
        script: our own script; it finds ``data`` as JSON in the element ``#data``.
        data: JSON values of any origin.
        context: what the template names.
    """
    policy = "; ".join((
        "default-src 'none'", f"style-src {_hash_source(style)}",
        f"script-src {_hash_source(script)}" if script else "script-src 'none'",
        "base-uri 'none'", "form-action 'none'", "require-trusted-types-for 'script'",
    ))
    return _environment(folder).get_template(template).render(
        policy=policy, style=Markup(style), script=Markup(script),
        data=None if data is None else script_json(data), **context,
    )


def render_fragment(template: str, **context: Any) -> Markup:
    """Return a part of a page, for a notebook's cell; escaped as in :func:`render_page`."""
    return Markup(_environment(TEMPLATES).get_template(template).render(**context))


def script_json(data: Any) -> Markup:
    """Return ``data`` as JSON that is safe inside a script element and means the same to a JSON parser."""
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return Markup(_UNSAFE_IN_SCRIPT.sub(lambda match: f"\\u{ord(match[0]):04x}", text))


def palette_style(palette: Palette, scope: str) -> str:
    """Return the style rules that bring the colours of ``palette`` to ``scope``, on a light page and on a dark one.

    Args:
        palette: whose colours.
        scope: a selector; its elements get the custom properties of :func:`shade_properties`.
    """
    light, dark = shade_properties(palette.light), shade_properties(palette.dark)
    return f"{scope}{{{light}}}@media screen and (prefers-color-scheme:dark){{{scope}{{{dark}}}}}"


def shade_properties(shades: Shades) -> str:
    """Return the custom properties ``--ink``, ``--last``, ``--c0``, ``--c1``… as declarations."""
    ends = f"--ink:{shades.ink};--last:{shades.colours[-1]};"
    return ends + ";".join(f"--c{step}:{colour}" for step, colour in enumerate(shades.colours))


def cell_style(steps: int, scope: str) -> str:
    """Return the rules of the classes ``c0``, ``c1``… in ``scope``, over the properties of :func:`palette_style`."""
    return "".join(f"{scope} .c{step}{{background:var(--c{step})}}" for step in range(steps))


@cache
def _environment(folder: Path) -> jinja2.Environment:
    """The templates of a folder, which are compiled once: that takes longer than a page."""
    def source(name: str) -> str | None:
        for place in (folder, TEMPLATES):
            if (place / name).is_file():
                return read_text(place / name)
        return None

    return jinja2.Environment(
        loader=jinja2.FunctionLoader(source), autoescape=True, undefined=jinja2.StrictUndefined,
        trim_blocks=True, lstrip_blocks=True, finalize=_spelt_out,
    )


def _spelt_out(value: Any) -> Any:
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _hash_source(content: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(content.encode('utf-8')).digest()).decode('ascii')}'"
