"""Names of people and streets, as frequent as in life: a heavy head and a long tail."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from importlib.resources import files

from stormops_graph.simulation.dice import Dice, Wheel

TAIL_SHARE = 0.45


@dataclass(frozen=True)
class StreetType:
    """A kind of street and the ways people write it, the postal one first."""

    name: str
    spellings: tuple[str, ...]


class Lexicon:
    """The name lists of `lexicon.toml`."""

    def __init__(self) -> None:
        text = files("stormops_graph.simulation").joinpath("lexicon.toml").read_text("utf-8")
        lists = tomllib.loads(text)
        self._surnames = _surname_wheel(lists)
        self._given = {sex: _fading_wheel(lists[sex].split(), 12) for sex in ("female", "male")}
        self._nicknames = {given: tuple(short.split()) for given, short in lists["nicknames"].items()}
        streets = lists["streets"]
        self.streets: tuple[str, ...] = tuple(name.strip() for name in streets["names"].split("|") if name.strip())
        self.types = {name: StreetType(name, tuple(ways.split())) for name, _, ways in streets["types"]}
        self._types = Wheel(
            [name for name, _, _ in streets["types"]], [float(weight) for _, weight, _ in streets["types"]]
        )
        self.cities: tuple[str, ...] = tuple(streets["cities"].split())

    def surname(self, dice: Dice) -> str:
        """A family name."""
        return self._surnames.spin(dice)

    def given(self, dice: Dice, sex: str) -> str:
        """A first name; sex is `female` or `male`."""
        return self._given[sex].spin(dice)

    def nickname(self, dice: Dice, given: str) -> str:
        """A short form of a first name, or the name itself where it has none."""
        short = self._nicknames.get(given)
        return dice.pick(short) if short else given

    def street_type(self, dice: Dice) -> StreetType:
        """A kind of street."""
        return self.types[self._types.spin(dice)]


def _fading_wheel(names: list[str], offset: int) -> Wheel:
    return Wheel(names, [1 / (place + offset) for place in range(len(names))])


def _surname_wheel(lists: dict[str, str]) -> Wheel:
    head = lists["surnames"].split()
    stems, endings = lists["surname_stems"].split(), lists["surname_endings"].split()
    tail = [stem + ending for ending in endings for stem in stems]
    head_weights = [1 / (place + 15) for place in range(len(head))]
    tail_weights = [1 / (place + 300) for place in range(len(tail))]
    scale = TAIL_SHARE / (1 - TAIL_SHARE) * sum(head_weights) / sum(tail_weights)
    return Wheel(head + tail, head_weights + [weight * scale for weight in tail_weights])
