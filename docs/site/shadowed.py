"""Public functions that are called as the module in which they stand, which would hide them from the reference."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import griffe


class Shadowed(griffe.Extension):
    """Puts such a function in the place of its module, as importing the package does."""

    def on_package(self, *, pkg: griffe.Module, **kwargs: Any) -> None:
        """Change the package; what is found by way of such a module is looked up before."""
        hidden = [(package, name) for package in _modules(pkg) for name in map(str, package.exports or ())
                  if isinstance(package.members.get(name), griffe.Module)
                  and package.imports.get(name) == f"{package.path}.{name}.{name}"]
        beyond = tuple(f"{package.path}.{name}." for package, name in hidden)
        for module in list(_modules(pkg)):
            for member in module.members.values():
                if isinstance(member, griffe.Alias) and member.target_path.startswith(beyond):
                    with suppress(griffe.AliasResolutionError):
                        member.resolve_target()
        for package, name in hidden:
            package.members[name] = griffe.Alias(name, package.members[name].members[name], parent=package)


def _modules(within: griffe.Module) -> Iterator[griffe.Module]:
    yield within
    for member in within.members.values():
        if isinstance(member, griffe.Module):
            yield from _modules(member)
