"""Train the project's rules: on its own feeds, or what its stewards' verdicts say of how sure evidence is."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from stormops_graph import runs
from stormops_graph.adapters.workspace import open_beside
from stormops_graph.errors import NotFound
from stormops_graph.ledger.decision_file import kept_decisions
from stormops_graph.ledger.decisions import Level, in_force
from stormops_graph.ledger.partings import act_of
from stormops_graph.link.calibration import LABELLED, Calibrated, calibrate
from stormops_graph.link.linkage import compare_records
from stormops_graph.link.training import train, write_model
from stormops_graph.normalise import normalise, read_feed_rules
from stormops_graph.pipeline.comparing import WEIGHED_FROM
from stormops_graph.pipeline.resolution import read_feeds
from stormops_graph.pipeline.run import Environ, Timed
from stormops_graph.ports import Progress
from stormops_graph.project import Project
from stormops_graph.rules.model import TRAINED, check_model, read_model
from stormops_graph.rules.ruleset import read_rules
from stormops_graph.runs.locks import folder_locked
from stormops_graph.stores import open_stages
from stormops_graph.tables import Connection
from stormops_graph.tables.reviews import WORTH_ASKING


def train_rules(project: Project, environ: Environ, progress: Progress) -> Path:
    """Train the project's rules on its feeds; the file of the model. Raises ModelError on too little data.

    Graph, Postgres and workspace stay those of the last resolve; the next one uses the new model.
    """
    rules, feed_rules = read_rules(project.rules), read_feed_rules(project.rules)
    timed = Timed(progress)
    with folder_locked(project.state, "train"), open_stages(project, "dropped") as con:
        read_feeds(con, project, environ, timed, allowed=(), last={})
        with timed.stage("normalise") as task:
            normalise(con, feed_rules, task)
        with timed.stage("train"):
            return train(con, rules, f"the feeds of {project.settings.project.name}")


@dataclass(frozen=True)
class Taught:
    """The model's file, and what verdicts made of each level."""

    file: Path
    levels: Sequence[Calibrated]


def train_from_verdicts(project: Project, progress: Progress) -> Taught:
    """Correct how sure the trained model's evidence is by the verdicts in force; its weights stay.

    The records are those of the last resolve. Raises ModelError on too few verdicts, NotFound without a workspace.
    """
    rules, timed = read_rules(project.rules), Timed(progress)
    model = replace(read_model(rules), calibration={})
    if not project.workspace.is_file():
        raise NotFound("there are no records yet that verdicts could be about", "run it: stormops-graph resolve")
    with folder_locked(project.state, "train"), open_beside(project.workspace, WEIGHED_FROM) as con:
        with timed.stage("pairs") as task:
            task.total(4)
            compare_records(con, rules, model, task)
        _label(con, project)
        levels = calibrate(con, (WORTH_ASKING, project.settings.review.sure))
    model = replace(model, calibration={one.level: one.calibration for one in levels if one.calibration})
    check_model(rules.matching, model)
    trained_on = json.loads((rules.folder / TRAINED).read_text("utf-8"))["trained_on"]
    return Taught(write_model(rules, model, trained_on), levels)


def _label(con: Connection, project: Project) -> None:
    """Fill LABELLED with the verdicts in force on two records, but for splits: nobody splits what is right."""
    held = [one for one in in_force(kept_decisions(project.decisions), runs.now()) if act_of(one) is None]
    LABELLED.create(con)
    LABELLED.append(
        con,
        [
            (level.value, *said.pair, said.joins(level))
            for level in Level
            for said in held
            if not said.identifiers and (said.joins(level) or said.parts(level))
        ],
    )
