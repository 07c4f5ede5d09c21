"""The worst false merges and splits, and the evidence that made them or did not suffice.

A false merge is one of our clusters with rows of several true ones; a split is a true cluster whose rows lie in
several of ours. Worst is what puts most pairs of rows wrongly together or apart. The evidence is the strongest of
`pair` between records on different sides; a mistake without any says so.
"""

from __future__ import annotations

from typing import Any, Literal

from stormops_graph.evaluation.findings import Mistake, Piece, Shown, Tie
from stormops_graph.lookup.parts import parts_of
from stormops_graph.masks import masked, masked_name
from stormops_graph.tables import Connection

TIES, PIECES = 3, 8

_UNTIED = {
    "merge": "no evidence between its sides: one record, a shared home, or records between them, joined them",
    "split": "no evidence between its sides: nothing ties them",
}
_SIDES = {"merge": ("ours", "theirs"), "split": ("theirs", "ours")}
_WORST = """
CREATE OR REPLACE TEMP TABLE worst AS
SELECT {whole} AS id, sum(n)::BIGINT AS rows, ((sum(n) * sum(n) - sum(n * n)) // 2)::BIGINT AS pairs
FROM cell WHERE feed IS NULL GROUP BY id HAVING count(*) > 1 ORDER BY pairs DESC, id LIMIT $worst
"""
_PIECES = """
SELECT id, any_value(rows), any_value(pairs), list({piece} ORDER BY n DESC, {piece}), list(n ORDER BY n DESC, {piece})
FROM worst JOIN cell ON {whole} = id WHERE feed IS NULL GROUP BY id ORDER BY any_value(pairs) DESC, id
"""
_TIES = """
WITH member AS (
    SELECT DISTINCT {whole} AS id, {piece} AS piece, record
    FROM evaluated SEMI JOIN worst ON worst.id = {whole} WHERE record IS NOT NULL
), across AS (
    SELECT l.id, p.left_id, p.right_id, p.probability, p.weight, p.evidence
    FROM pair p JOIN member l ON l.record = p.left_id
    JOIN member r ON r.record = p.right_id AND r.id = l.id AND r.piece <> l.piece
    QUALIFY row_number() OVER (
        PARTITION BY l.id, p.left_id, p.right_id ORDER BY p.weight DESC, p.level, p.model, p.evidence) = 1
)
SELECT id, left_id, right_id, probability, weight, evidence FROM across
QUALIFY row_number() OVER (PARTITION BY id ORDER BY weight DESC, left_id, right_id) <= $ties
ORDER BY id, weight DESC, left_id, right_id
"""
_RECORDS = """
SELECT record, concat_ws(' ', given, surname, suffix), phones, emails, address_key, cookie
FROM record WHERE list_contains($records, record)
"""


def worst(con: Connection, kind: Literal["merge", "split"], many: int, *, show: bool) -> tuple[Mistake, ...]:
    """The `many` worst mistakes in `evaluated`, worst first, after `score`; names in full where `show`."""
    whole, piece = _SIDES[kind]
    con.execute(_WORST.format(whole=whole, piece=piece), {"worst": many})
    found = con.execute(_TIES.format(whole=whole, piece=piece), {"ties": TIES}).fetchall()
    shown = _shown(con, sorted({record for _, left, right, *_ in found for record in (left, right)}), show)
    ties: dict[str, list[Tie]] = {}
    for cluster, left, right, probability, weight, evidence in found:
        tie = Tie(left=shown[left], right=shown[right], probability=probability, weight=weight, kinds=_kinds(evidence))
        ties.setdefault(cluster, []).append(tie)
    return tuple(
        Mistake(
            id=cluster,
            rows=rows,
            pairs=pairs,
            pieces=tuple(Piece(id=i, rows=n) for i, n in zip(pieces[:PIECES], sizes[:PIECES], strict=True)),
            ties=tuple(ties.get(cluster, ())),
            untied=None if cluster in ties else _UNTIED[kind],
        )
        for cluster, rows, pairs, pieces, sizes in con.execute(_PIECES.format(whole=whole, piece=piece)).fetchall()
    )


def _kinds(evidence: str | None) -> tuple[str, ...]:
    """Parts that add up to the pair's weight: what was compared, the strongest first, then the rest: `phone +9.1`."""
    parts = sorted(parts_of(evidence), key=lambda part: (not part.is_compared, -abs(part.weight), part.kind))
    return tuple(f"{part.kind} {part.weight:+.1f}" for part in parts)


def _shown(con: Connection, records: list[str], show: bool) -> dict[str, Shown]:
    rows = con.execute(_RECORDS, {"records": records}).fetchall()
    return {row[0]: _shown_record(*row, show=show) for row in rows}


def _shown_record(record: str, name: str, *values: Any, show: bool) -> Shown:
    phones, emails, address, cookie = values
    said = [("phone", value) for value in phones or ()] + [("email", value) for value in emails or ()]
    said += [(kind, value) for kind, value in (("address", address), ("cookie", cookie)) if value]
    identifiers = tuple(value if show else masked(kind, value) for kind, value in said)
    return Shown(record=record, name=name if show else masked_name(name), identifiers=identifiers)
