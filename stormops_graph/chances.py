"""Shares and probabilities as people say them."""

from __future__ import annotations


def percent(share: float | None, digits: int = 1) -> str:
    """A share as per cent; a dash where there is none."""
    return "–" if share is None else f"{100 * share:.{digits}f} %"


def chance(probability: float | None, digits: int = 1) -> str:
    """A probability as per cent, never told as certain, nor rounded to impossible; a dash where there is none.

    What is kept has six digits, so that a 1 may be as little certain as its bits say.
    """
    least = 10.0**-digits
    if probability is not None and 0 < 100 * probability < least / 2:
        return f"< {least:.{digits}f} %"
    if probability is not None and 100 - least / 2 <= 100 * probability:
        return f"> {100 - least:.{digits}f} %"
    return percent(probability, digits)
