"""Our docstrings as the site shows them.

What is written for a reader of the code becomes Markdown: references become links where the site has what they name, an
entry for several arguments becomes one for each, an example becomes a block of code. Fields made by
:func:`probe.options.option` bring their help text with them, a class tells of the fields that it has from another one,
and a method without a docstring has that of the method which it overrides.
"""

import html
import importlib
import re
import textwrap
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import Field
from typing import Any

import griffe

from probe.options import option

REFERENCE = re.compile(r":(?:class|func|meth|data|mod|attr):`(~?)([\w.]+)`")
# Name, name: what both are; with the lines below that are further in.
JOINT = re.compile(r"^( {4})(\w+(?:, \w+)+):(.*(?:\n {5,}.*)*)$", re.MULTILINE)
ATTRIBUTES = re.compile(r"^Attributes:\n(?: {4}.*\n?|\n(?= {4}))+", re.MULTILINE)
# A colon in what follows would be taken as the end of a type; the type is that of the signature.
RETURNED = re.compile(r"^((?:Returns|Yields):\n +)", re.MULTILINE)
EXAMPLE = re.compile(r"::\n\n((?: {4}.*\n|\n)*(?: {4}.*(?:\n|$)))")


class Docstrings(griffe.Extension):
    """Changes the docstrings of a package once it is loaded, before dataclasses get their signatures."""

    def on_package(self, *, pkg: griffe.Module, **kwargs: Any) -> None:
        """Change them."""
        objects = list(_objects(pkg))
        public = {str(name) for each in objects if isinstance(each, griffe.Module) for name in each.exports or ()}
        classes = [each for each in objects if isinstance(each, griffe.Class) and each.name in public]
        helps = {path: words for each in classes for path, words in _options(each)}
        for each in classes:
            _tell_fields(each, helps)
        for each in objects:
            if isinstance(each, griffe.Attribute) and isinstance(each.value, griffe.ExprDict | griffe.ExprDictComp):
                each.value = None  # a registry, whose names are told elsewhere
            elif isinstance(each, griffe.Function) and each.docstring is None:
                _inherit(each)
        for each in objects:
            if each.docstring is not None:
                each.docstring.value = in_markdown(each.docstring.value, each)


def in_markdown(text: str, about: griffe.Object) -> str:
    """Return a docstring with links, entries of one name each, and fenced examples."""
    text = RETURNED.sub(r"\1: ", JOINT.sub(_apart, text))
    text = EXAMPLE.sub(lambda found: f":\n\n```python\n{textwrap.dedent(found[1]).strip()}\n```\n\n", text)
    return REFERENCE.sub(lambda found: _link(found[2], bool(found[1]), about), text)


def _objects(within: griffe.Object) -> Iterator[griffe.Object]:
    yield within
    for member in within.members.values():
        if isinstance(member, griffe.Object):  # and no alias of one that lies elsewhere
            yield from _objects(member)


def _apart(found: re.Match[str]) -> str:
    """An entry for each name; what it says of all of them names them, but for one such as "as for scan"."""
    names = found[2].split(", ")
    together = "" if found[3].startswith(" as ") else f" {', '.join(f'``{name}``' for name in names)}:"
    return "\n".join(f"{found[1]}{name}:{together}{found[3]}" for name in names)


def _link(name: str, short: bool, about: griffe.Object) -> str:
    """A link that is none where the site does not have the name."""
    path = name
    if not name.startswith("probe."):
        with suppress(griffe.NameResolutionError):
            first, _, rest = name.partition(".")
            path = ".".join(filter(None, (about.resolve(first), rest)))
    shown = html.escape(name.rpartition(".")[2] if short else name)
    return f'<autoref identifier="{path}" optional><code>{shown}</code></autoref>'


def _inherit(function: griffe.Function) -> None:
    for base in function.parent.mro() if isinstance(function.parent, griffe.Class) else ():
        overridden = base.members.get(function.name)
        if overridden is not None and overridden.docstring is not None:
            told = overridden.docstring
            function.docstring = griffe.Docstring(told.value, parent=function, parser=told.parser,
                                                  parser_options=told.parser_options)
            return


def _options(of: griffe.Class) -> Iterator[tuple[str, str]]:
    """Yield path and help of the options of a class and of those above it, and leave their default as their value."""
    for kind in (of, *of.mro()):
        for member in kind.members.values():
            declared = isinstance(member, griffe.Attribute) and "class-attribute" in member.labels
            field = _field(member.value, kind) if declared else None
            if field is not None:
                member.value = repr(field.default)
                words = field.metadata["help"] + _bounds(field.metadata)
                yield member.path, words if words.endswith("…") else f"{words}."


def _field(written: Any, within: griffe.Class) -> "Field[Any] | None":
    """The field that a call of ``option``, or of a function of ours that calls it, makes."""
    if not isinstance(written, griffe.ExprCall) or not written.canonical_path.endswith("option"):
        return None
    try:
        made = eval(str(written), {"option": option})
    except NameError:  # it takes names of its module, which may import much
        made = eval(str(written), vars(importlib.import_module(within.module.path)))
    return made if isinstance(made, Field) else None


def _bounds(given: Mapping[str, Any]) -> str:
    if "choices" in given:
        return f"; one of {', '.join(given['choices'])}"
    said = [f"{words} {given[name]:,}".removesuffix(".0")
            for name, words in (("minimum", "at least"), ("above", "above"), ("maximum", "at most"), ("below", "below"))
            if name in given]
    return f"; {' and '.join(said)}" if said else ""


def _tell_fields(of: griffe.Class, helps: Mapping[str, str]) -> None:
    """Add options to the docstring of a class, or, if it tells of no fields, what a class above it tells of them."""
    if of.docstring is None or ATTRIBUTES.search(of.docstring.value):
        return
    members = {name: member for kind in (*reversed(of.mro()), of) for name, member in kind.members.items()}
    options = [f"    {name}: {helps[member.path]}" for name, member in members.items() if member.path in helps]
    if options:
        of.docstring.value = "\n".join([of.docstring.value, "", "Attributes:", *options])
    else:
        told = (ATTRIBUTES.search(base.docstring.value) for base in of.mro() if base.docstring is not None)
        of.docstring.value += next((f"\n\n{found[0].rstrip()}" for found in told if found), "")
