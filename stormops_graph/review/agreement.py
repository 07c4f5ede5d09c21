"""Whether two records agree in a field: alike, nearly, or not; nothing is said where one of them is silent."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from rapidfuzz.distance import JaroWinkler

_NEAR = 0.86  # of Jaro and Winkler; most typing errors are above


class Agreement(StrEnum):
    """How two records' values of a field compare."""

    same = "same"
    near = "near"
    differs = "differs"
    silent = "silent"


def agreement(one: Sequence[str], other: Sequence[str]) -> Agreement:
    """How the values of a field compare: one value in common is enough, as people have several numbers."""
    if not one or not other:
        return Agreement.silent
    if set(one) & set(other):
        return Agreement.same
    if any(_is_near(a, b) for a in one for b in other):
        return Agreement.near
    return Agreement.differs


def _is_near(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    if len(short) == 1:  # an initial
        return long.startswith(short)
    if short.startswith("+"):  # of numbers, only one wrong digit is near
        return len(short) == len(long) and sum(a != b for a, b in zip(short, long, strict=True)) == 1
    return JaroWinkler.similarity(one, other) >= _NEAR
