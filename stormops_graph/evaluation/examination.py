"""The evaluation of a project: by labels, by reviewed households, or else by the ledger's verdicts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from stormops_graph.errors import Incomplete, InputError, NotFound
from stormops_graph.evaluation.evaluating import evaluate
from stormops_graph.evaluation.findings import Evaluation, Reviewed
from stormops_graph.evaluation.reviews import read_review, strangers
from stormops_graph.evaluation.sampling import write_sample
from stormops_graph.evaluation.verdicts import judge
from stormops_graph.project import Project
from stormops_graph.rules.ruleset import read_rules
from stormops_graph.runs.locks import folder_locked
from stormops_graph.stores import open_stages
from stormops_graph.tables import CONVERSION, MEMBERSHIP, PAIR, RECORD, SOURCE_ROW, TOUCH, WORKSPACE_OF, Connection

_NEEDED = (WORKSPACE_OF, SOURCE_ROW, RECORD, TOUCH, CONVERSION, PAIR, MEMBERSHIP)
_BIASED = "stewards judge doubtful pairs first: these figures are about such pairs, not about all"


def examine(project: Project, truth: Path | None, *, show: bool = False) -> Evaluation:
    """Hold the last resolve against labels, or where none are given, against the verdicts.

    Raises Incomplete before the first resolve, NotFound where there are neither labels nor verdicts, InputError for
    labels that cannot be read.
    """
    simulated = project.settings.project.simulated
    with _resolved(project) as con:
        if truth is not None:
            return Evaluation(simulated=simulated, labelled=evaluate(con, truth, show=show))
        judged = judge(con, read_rules(project.rules))
    if not judged.levels:
        left = f"{judged.unsure} unsure, {judged.dormant} about records that no feed shows any more"
        raise NotFound(
            f"there are no labels, and no verdict decides anything: {left}"
            if judged.unsure or judged.dormant
            else "there are neither labels nor verdicts to evaluate by",
            "give labels with --truth, or review a sample: stormops-graph evaluate --sample 200 --out review.csv",
        )
    return Evaluation(simulated=simulated, judged=judged, notes=(_BIASED,))


def examine_review(project: Project, file: Path) -> Evaluation:
    """Precision as the reviewed sample in `file` lets one estimate it.

    Raises InputError where it cannot be read, or is no sample of this project; Incomplete before the first resolve.
    """
    reviewed = read_review(file)
    with _resolved(project) as con:
        unknown = strangers(con, file)
    notes = [note for note in (unknown, _caution(reviewed)) if note]
    return Evaluation(simulated=project.settings.project.simulated, reviewed=reviewed, notes=tuple(notes))


def sample(project: Project, many: int, seed: int, out: Path) -> tuple[int, int]:
    """Write households of the last resolve for review; how many households and records.

    Raises InputError where `out` is there: a steward's answers may be in it.
    """
    if out.exists():
        raise InputError(f"{out} exists already", "name a new file: the answers of a review may be in this one")
    with _resolved(project) as con:
        return write_sample(con, many, seed, out)


def _caution(reviewed: Reviewed) -> str | None:
    if reviewed.wrong or reviewed.low == 1:
        return None
    return (
        "no mistake was found, so the standard error says nothing; the interval is by the rule of three: up to "
        f"{100 * (1 - reviewed.low):.1f} % of households may hold one"
    )


@contextmanager
def _resolved(project: Project) -> Iterator[Connection]:
    with folder_locked(project.state, "evaluate"), open_stages(project) as con:
        known = {row[0] for row in con.execute("SELECT table_name FROM duckdb_tables()").fetchall()}
        if not known.issuperset(table.name for table in _NEEDED):
            raise Incomplete("there are no households to evaluate yet", "make them: stormops-graph resolve")
        if WORKSPACE_OF.check(con) == 0:
            raise Incomplete("the last resolve did not finish", "run it again: stormops-graph resolve")
        yield con
