"""Commands of which every word that is no file's name can be read, or the command line is not understood."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from stormops_graph.plain_text import is_utf8


class _Command(TyperCommand):
    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        rest = super().parse_args(ctx, args)
        _read(self, ctx)
        return rest


class Group(TyperGroup):
    """A group of commands that may have options of its own."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the group's own options."""
        rest = super().parse_args(ctx, args)
        _read(self, ctx)
        return rest


class Commands(typer.Typer):
    """Commands, or a group of them."""

    def __init__(self, *, cls: type[Group] = Group, **settings: Any) -> None:
        super().__init__(cls=cls, **settings)

    def command(self, name: str | None = None, **settings: Any) -> Callable[[Any], Any]:
        """Register a command."""
        return super().command(name, cls=_Command, **settings)


def _read(command: TyperCommand | TyperGroup, ctx: Any) -> None:
    """Raise BadParameter for letters that the terminal's encoding does not have: nothing can be looked up or kept by
    them. Files' names are paths, and may have any.
    """
    parameters: list[Any] = command.get_params(ctx)
    for parameter in parameters:
        if not all(map(is_utf8, _texts(ctx.params.get(parameter.name)))):
            raise typer.BadParameter(
                "it cannot be read in this encoding: LC_ALL=C.UTF-8 has all letters", ctx=ctx, param=parameter
            )


def _texts(value: object) -> Iterator[str]:
    yield from (one for one in (value if isinstance(value, list | tuple) else [value]) if isinstance(one, str))
