"""`rules diff` and `rules upgrade` after a resolve, as a steward uses them."""

from __future__ import annotations

import json
import re
from pathlib import Path

from shared_servers import Run

from stormops_graph.rules.model import TRAINED


def test_a_threshold_moved_after_a_run_says_which_pairs_it_moves(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "project" / "matching_rules" / "household.toml"
    assert "no workspace yet" not in run("rules", "diff")[1]  # the same rules: there is nothing to count
    file.write_text(re.sub(r"(?m)^household_at_least = .*", "household_at_least = 0.99", file.read_text()))
    assert "there is no workspace yet" in run("rules", "diff")[1]
    assert run("rules", "diff", "last")[0] == 1

    assert run("resolve")[0] == 0
    assert "the project's rules are those of last" in run("rules", "diff", "last")[1]
    file.write_text(re.sub(r"(?m)^household_at_least = .*", "household_at_least = 0.70", file.read_text()))
    code, out, _ = run("rules", "diff", "last", "--json")
    found = json.loads(out)
    assert (code, found["same"]) == (0, False)
    assert found["declared"] == [
        {"file": "household.toml", "name": "cluster.household_at_least", "before": 0.99, "after": 0.7}
    ]
    household, person = found["pairs"]
    assert household["joined"] > 0 == household["parted"]
    assert household["after"] == household["before"] + household["joined"]
    assert person["joined"] == person["parted"] == 0
    assert re.search(r"household +[\d,]+ +[\d,]+ +[\d,]+ +0", run("rules", "diff", "last")[1])
    assert run("resolve")[0] == 0  # the workspace is as it was


def test_a_folder_that_lacks_a_field_is_refused_and_brought_up_to_date(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "project" / "matching_rules" / "household.toml"
    whole = file.read_text()
    file.write_text(re.sub(r"(?m)^apart_at_least.*\n", "", whole))
    code, _, err = run("resolve")
    assert code == 3
    assert "cluster.apart_at_least" in err and "stormops-graph rules upgrade" in err

    code, out, _ = run("rules", "upgrade")  # asked of nobody: nothing is written
    assert code == 0
    assert "+apart_at_least = 0.9" in out and "nothing is written yet" in out
    assert file.read_text() != whole
    assert run("rules", "upgrade", "--yes")[0] == 0
    assert file.read_text() == whole
    assert run("rules", "check")[0] == 0
    assert "everything that this version asks for" in run("rules", "upgrade")[1]


def test_rules_are_trained_on_the_projects_feeds(run: Run, tmp_path: Path) -> None:
    feeds, storm = str(tmp_path / "feeds"), tmp_path / "storm"
    assert run("simulate", feeds, "--households", "500", "--seed", "3")[0] == 0
    assert run("init", str(storm), "--feeds", feeds)[0] == 0
    code, out, _ = run("rules", "train", "--project", str(storm))
    assert (code, "model.json is written" in out) == (0, True)
    assert json.loads((storm / "matching_rules" / TRAINED).read_text())["trained_on"] == "the feeds of storm"
    assert "the rules are in order" in run("rules", "check", "--project", str(storm))[1]
    code, out, _ = run("rules", "diff", "--project", str(storm))
    assert (code, "before: shipped; after: the project's rules" in out) == (0, True)
