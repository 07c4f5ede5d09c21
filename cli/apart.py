"""Why two records are of two households, on the terminal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from stormops_graph.chances import chance
from stormops_graph.masks import masked

from .screen import heading, safe

if TYPE_CHECKING:
    from rich.console import Console

    from stormops_graph.lookup.common import Common
    from stormops_graph.lookup.reasons import Apart, Between


def show_apart(console: Console, found: Between, show: bool) -> None:
    """What keeps the two households apart, and what ties them nevertheless; nothing where they are one."""
    if found.apart is None:
        return
    heading(console, "Why they are apart")
    for line in (*_keeping(found, found.apart, show), *_tying(found, found.apart, show)):
        console.print(safe(f"  {line}"))


def _keeping(found: Between, apart: Apart, show: bool) -> Iterator[str]:
    if apart.parted_by:
        yield "a steward said different of the two households: that holds, whatever the evidence"
    here, there = found.left[0].address, found.right[0].address
    if here and there and here != there:
        yield "their homes are different: " + " · ".join(
            one if show else masked("address", one) for one in (here, there)
        )


def _tying(found: Between, apart: Apart, show: bool) -> Iterator[str]:
    yield from (_told(one, show) for one in apart.common)
    if apart.likeliest is None:
        if not apart.common:
            yield "nothing that they wrote ties them"
        return
    likely = chance(apart.likeliest.household_probability)
    if apart.likeliest == found.direct:
        yield f"no records of theirs are likelier one household than these two: {likely}"
    else:
        yield f"their records that are likeliest one household: {likely}"
        yield f"  {apart.likeliest.left} · {apart.likeliest.right}"


def _told(one: Common, show: bool) -> str:
    value = one.value if show else masked(one.kind, one.value)
    return f"both show the {one.kind} {value}" + (f", which links nobody: {one.because}" if one.because else "")
