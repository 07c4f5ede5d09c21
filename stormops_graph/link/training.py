"""Training on a project's own records: what the linking core learns of them, and how common names are.

Run by `rules train`; the result is a file that later runs use unchanged, so that a record weighs the same tonight as
last night.
"""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

from stormops_graph.link.learning import expected_model, learn
from stormops_graph.link.linkage import profile_records
from stormops_graph.link.pairs import namesakes
from stormops_graph.rules.model import TRAINED, Model, check_model
from stormops_graph.rules.ruleset import Rules
from stormops_graph.tables import Connection


def train(con: Connection, rules: Rules, trained_on: str) -> Path:
    """Train on the workspace's records and write `trained/model.json`; raises ModelError on too little data."""
    matching = rules.matching
    start = expected_model(con, matching, "record")
    people = profile_records(con, rules, start)
    # Mere namesakes are weighed by their names alone, so they teach nothing about kinds.
    model = learn(con, matching, start, people, partial(namesakes, matching))
    check_model(matching, model)
    return write_model(rules, model, trained_on)


def write_model(rules: Rules, model: Model, trained_on: str) -> Path:
    """Write `trained/model.json`, whole or not at all."""
    file = rules.folder / TRAINED
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_suffix(".new")
    part.write_text(json.dumps(model.as_json(rules, trained_on), indent=1) + "\n", "utf-8")
    part.replace(file)
    return file
