"""Who could belong where: draws of the memberships in doubt.

Each block (a person's records in a household, or a record without one) has one chance a draw: a record stays while
that is not above its confidence, so that records of a person go together. Who goes, goes to one of the other households
by their probabilities, or else to none: a household of its own without a home.
Invariant: a draw depends on the seed and on what is in doubt, never on the order of rows.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from stormops_graph.attribution.chains import Floats, Ints, offsets_of
from stormops_graph.tables import MEMBER_IN_DOUBT, OTHER_HOUSEHOLD, TRACE, TRACE_HOME, Connection, Table

ALONE = "alone:"
"""Begins the name of a household of nobody else, after a block that left its own."""

MOVE = Table(
    "move",  # who goes where in which draw
    {
        "draw": "BIGINT",
        "record": "VARCHAR",
        "household": "VARCHAR",
        "person": "VARCHAR",  # NULL unless all of the person goes
        "target": "VARCHAR",
    },
)

_CHOICES = """
WITH other AS (
    SELECT record, household, list(other ORDER BY other) AS others, list(probability ORDER BY other) AS chances
    FROM other_household GROUP BY record, household
)
SELECT record, household, person, coalesce(carries_person, false), confidence, coalesce(others, []),
       coalesce(chances, [])
FROM member_in_doubt FULL JOIN other USING (record, household) ORDER BY record, household, person
"""


def in_doubt(con: Connection) -> bool:
    """Whether any record may belong to another household than its own."""
    for table in (MEMBER_IN_DOUBT, OTHER_HOUSEHOLD, TRACE, TRACE_HOME):
        table.ensure(con)
    return bool(MEMBER_IN_DOUBT.check(con) + OTHER_HOUSEHOLD.check(con))


def draw_memberships(con: Connection, draws: int, seed: int) -> None:
    """Fill MOVE for so many draws."""
    MOVE.create(con)
    blocks = con.execute(_CHOICES).fetchall()
    if not blocks:
        return
    names = [f"{household}|{person or record}" for record, household, person, *_ in blocks]
    row, draw, number = _goes(blocks, _chances(names, draws, seed))
    targets = [target for name, block in zip(names, blocks, strict=True) for target in (*block[5], ALONE + name)]
    first = offsets_of(np.array([len(block[5]) + 1 for block in blocks]))
    record, household, person = (
        pa.array([block[i] for block in blocks], pa.string()).take(pa.array(row)) for i in range(3)
    )
    carries = pa.array([bool(block[3]) for block in blocks]).take(pa.array(row))
    columns = [
        pa.array(draw),
        record,
        household,
        pc.if_else(carries, person, None),
        pa.array(targets, pa.string()).take(pa.array(first[row] + number)),
    ]
    con.from_arrow(pa.table(columns, names=list(MOVE.columns))).insert_into(MOVE.name)


def _goes(blocks: Sequence[Sequence[Any]], chance: Floats) -> tuple[Ints, Ints, Ints]:
    """Of each that goes: its block, the draw, and the number of another household, or one more than there are (none).

    `chance` is two in [0, 1) for each block and draw: whether it goes, and where to.
    """
    lengths = np.array([len(block[6]) for block in blocks])
    other = np.full((len(blocks), lengths.max()), 0.0)
    other[np.arange(other.shape[1]) < lengths[:, None]] = [chance for block in blocks for chance in block[6]]
    confidence = np.array([np.nan if block[4] is None else block[4] for block in blocks], dtype=np.float64)
    room, total = np.where(np.isnan(confidence), 1.0, 1.0 - confidence), other.sum(axis=1)
    other *= np.minimum(1.0, np.divide(room, total, out=np.ones_like(total), where=total > 0))[:, None]
    stays = np.where(np.isnan(confidence), 1.0 - other.sum(axis=1), confidence)
    block, draw = np.nonzero(chance[0] > stays[:, None])
    place = chance[1][block, draw] * (1.0 - stays[block])
    is_before = (other.cumsum(axis=1)[block] <= place[:, None]) & (np.arange(other.shape[1]) < lengths[block, None])
    return block, draw, is_before.sum(axis=1)


def _chances(names: Sequence[str], draws: int, seed: int) -> Floats:
    """Two chances in [0, 1) for each block and draw, (2, blocks, draws), that follow from its name and the seed.

    The steps of a SplitMix64 generator that each name begins; one of numpy's for each would take longer than all else.
    """
    key = hashlib.blake2b(digest_size=8, key=str(seed).encode())
    begun = []
    for name in names:
        own = key.copy()
        own.update(name.encode())
        begun.append(int.from_bytes(own.digest(), "little"))
    steps = np.arange(1, 2 * draws + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    mixed = np.array(begun, dtype=np.uint64)[:, None] + steps
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        mixed = (mixed ^ (mixed >> np.uint64(shift))) * np.uint64(factor)
    mixed ^= mixed >> np.uint64(31)
    chance: Floats = (mixed >> np.uint64(11)).astype(np.float64) * 2.0**-53
    return chance.reshape(len(names), 2, draws).swapaxes(0, 1)
