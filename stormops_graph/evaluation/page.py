"""The HTML report of an evaluation.

Invariant: everything that comes from a feed or a label is escaped.
"""

from __future__ import annotations

from collections.abc import Sequence

from stormops_graph.counts import counted
from stormops_graph.evaluation.charts import placement_bar, reliability_chart, size_chart
from stormops_graph.evaluation.findings import (
    Evaluation,
    Judged,
    JudgedPairs,
    Labelled,
    Level,
    Mistake,
    Placement,
    Reliability,
    Reviewed,
    Score,
    Scores,
    Shown,
    unhoused,
)
from stormops_graph.pages.document import SIMULATED, document, table
from stormops_graph.pages.document import card as headline
from stormops_graph.pages.drawing import escaped

_CLAIMS = {
    "membership": "Rows in a household of two rows or more: is it the household that most of these rows belong to?",
    "placement": "Rows placed at a property: is it their household's home at the row's time?",
}
_KINDS = {"merge": "false merges", "split": "splits"}


def page(evaluation: Evaluation, title: str) -> str:
    """The report as a whole HTML document."""
    parts = [SIMULATED] if evaluation.simulated else []
    parts += [f"<p>{escaped(note[:1].upper() + note[1:])}.</p>" for note in evaluation.notes]
    if evaluation.labelled:
        parts += _labelled(evaluation.labelled)
    if evaluation.judged:
        parts += _judged(evaluation.judged)
    if evaluation.reviewed:
        parts += _reviewed(evaluation.reviewed)
    return document(f"Evaluation of {title}", parts)


def _labelled(labelled: Labelled) -> list[str]:
    parts = [f"<p>{labelled.rows:,} labelled rows{_unread(labelled.unread)}.</p>"]
    parts += [_level(level) for level in labelled.levels]
    if labelled.placement:
        parts.append(_placement(labelled.placement))
    if labelled.unhoused:
        parts.append(f"<p>{unhoused(labelled.unhoused).capitalize()}.</p>")
    if labelled.reliability:
        charts = "".join(_reliability(part) for part in labelled.reliability)
        parts.append(f'<section><h2>Does the stated confidence hold?</h2><div class="pair">{charts}</div></section>')
    parts += [_mistakes(level, "merge", level.merges) for level in labelled.levels if level.merges]
    parts += [_mistakes(level, "split", level.splits) for level in labelled.levels if level.splits]
    return parts


def _unread(rows: int) -> str:
    return f", {rows:,} of them in no feed (each counts as a cluster of its own)" if rows else ""


def _level(level: Level) -> str:
    cards = "".join(
        _card(name, score)
        for name, score in (
            ("pairwise", level.overall.pairwise),
            ("B-cubed", level.overall.bcubed),
            ("exact-cluster", level.overall.exact),
        )
    )
    titles = ("feed", "rows", *("precision", "recall", "F1") * 3)
    groups = '<tr><th colspan="2"></th>' + "".join(
        f'<th class="group" colspan="3">{name}</th>' for name in ("pairwise", "B-cubed", "exact clusters")
    )
    rows = [_scores_row(scores) for scores in level.feeds]
    return (
        f"<section><h2>{level.name.capitalize()}s</h2><div class='cards'>{cards}</div>"
        f"{table(titles, rows, groups + '</tr>')}"
        "<p class='fine'>Of a feed: pairs with at least one row in it, its rows, clusters with a row in it.</p>"
        f"<h3>Sizes</h3><p class='legend'><i class='ours'></i> ours, {level.ours:,} "
        f"<i class='true'></i> true, {level.true:,}</p>{size_chart(level.sizes)}</section>"
    )


def _card(name: str, score: Score) -> str:
    said = f"precision {_share(score.precision)}<br>recall {_share(score.recall)}"
    return headline(f"{name} F1", _share(score.f1), said)


def _scores_row(scores: Scores) -> list[str]:
    shares = [
        _share(share)
        for score in (scores.pairwise, scores.bcubed, scores.exact)
        for share in (score.precision, score.recall, score.f1)
    ]
    return [escaped(scores.feed or "all"), f"{scores.rows:,}", *shares]


def _placement(placement: Sequence[Placement]) -> str:
    rows = [
        [
            escaped(part.feed),
            f"{part.rows:,}",
            _share(part.placed / part.rows),
            _share(part.right / part.rows),
            _share(part.wrong / part.placed if part.placed else None),
            f"{part.other_time:,}",
            placement_bar(part),
        ]
        for part in placement
    ]
    titles = ("feed", "rows", "placed", "at own home", "wrong of placed", "own home, wrong time", "")
    return (
        f"<section><h2>Placement</h2>{table(titles, rows)}<p class='legend'><i class='ours'></i> own home "
        "<i class='wrong'></i> another home <i class='none'></i> not placed</p></section>"
    )


def _reliability(part: Reliability) -> str:
    rows = [
        [f"{b.low:.3f}–{b.high:.3f}", f"{b.rows:,}", f"{b.stated:.3f}", f"{b.found:.3f}", f"{b.found - b.stated:+.3f}"]
        for b in part.bins
    ]
    return (
        f"<div><h3>{part.claim.capitalize()}</h3><p class='fine'>{_CLAIMS[part.claim]}</p>"
        f"<p>Expected calibration error <b>{_share(part.error)}</b> over {part.rows:,} rows</p>"
        f"{reliability_chart(part.bins)}{table(('stated', 'rows', 'mean stated', 'holds', 'apart'), rows)}</div>"
    )


def _mistakes(level: Level, kind: str, mistakes: Sequence[Mistake]) -> str:
    shown = "".join(_mistake(mistake) for mistake in mistakes)
    return f"<section><h2>Worst {_KINDS[kind]} of {level.name}s</h2>{shown}</section>"


def _mistake(mistake: Mistake) -> str:
    pieces = " + ".join(f"{escaped(piece.id)} ({piece.rows:,})" for piece in mistake.pieces)
    ties = [
        [_shown(tie.left), _shown(tie.right), f"{tie.probability:.3f}", escaped(", ".join(tie.kinds))]
        for tie in mistake.ties
    ]
    evidence = (
        table(("record", "record of the other side", "probability", "evidence, bits"), ties)
        if ties
        else f"<p class='fine'>{escaped(mistake.untied or '')}</p>"
    )
    return (
        f"<article><h3>{escaped(mistake.id)}</h3><p>{counted(mistake.rows, 'row')}, "
        f"{counted(mistake.pairs, 'wrong pair')}: {pieces}</p>{evidence}</article>"
    )


def _shown(shown: Shown) -> str:
    said = " · ".join(part for part in (shown.name, *shown.identifiers) if part)
    return f"{escaped(said)}<br><small>{escaped(shown.record)}</small>"


def _judged(judged: Judged) -> list[str]:
    rows = [
        _agreement(f"{level.name}s, {how}", part)
        for level in judged.levels
        for how, part in (("as published", level.published), ("from the evidence alone", level.unaided))
    ]
    titles = ("", "judged same", "held together", "judged different", "held together", "precision", "recall")
    return [
        f"<section><h2>Against verdicts</h2>{table(titles, rows)}<p class='fine'>{judged.unsure:,} unsure and "
        f"{judged.dormant:,} about records that are no longer there are left out.</p></section>"
    ]


def _agreement(name: str, part: JudgedPairs) -> list[str]:
    counts = (part.same, part.same_together, part.different, part.different_together)
    return [name, *(f"{many:,}" for many in counts), _share(part.score.precision), _share(part.score.recall)]


def _reviewed(reviewed: Reviewed) -> list[str]:
    said = (
        f"standard error {_share(reviewed.standard_error)}<br>"
        f"95 % interval {_share(reviewed.low)} to {_share(reviewed.high)}"
    )
    counts = (
        f"{reviewed.households:,} of {reviewed.population:,} households of two records or more were reviewed, "
        f"{reviewed.wrong:,} of them hold more than one; {reviewed.unanswered:,} of the sample are not answered. "
    )
    precision = headline("precision", _share(reviewed.precision), said)
    return [
        f"<section><h2>From reviewed households</h2><div class='cards'>{precision}</div>"
        f"<p>{counts}Precision is that of pairs of records in one household.</p></section>"
    ]


def _share(share: float | None) -> str:
    return "–" if share is None else f"{share:.3f}"
