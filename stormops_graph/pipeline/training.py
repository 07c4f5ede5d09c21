"""Train the project's rules on its own feeds."""

from __future__ import annotations

from pathlib import Path

from stormops_graph.adapters.workspace import open_workspace
from stormops_graph.link.training import train
from stormops_graph.locks import folder_locked
from stormops_graph.pipeline.resolution import read_feeds
from stormops_graph.pipeline.run import Environ, Timed
from stormops_graph.ports import Progress
from stormops_graph.project import Project
from stormops_graph.rules import read_rules


def train_rules(project: Project, environ: Environ, progress: Progress) -> Path:
    """Train the project's rules on its feeds; the file of the model. Raises ModelError on too little data.

    Neither graph nor Postgres is touched; the next resolve uses the new model.
    """
    rules = read_rules(project.rules)
    timed = Timed(progress)
    with folder_locked(project.state, "train"), open_workspace(project.workspace) as con:
        read_feeds(con, project, environ, timed, allowed=(), last={})
        with timed.stage("train"):
            return train(con, rules, f"the feeds of {project.settings.project.name}")
