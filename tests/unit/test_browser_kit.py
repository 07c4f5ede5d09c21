"""What Neo4j Browser is given covers the whole model, and is served as it is and to nobody else."""

from __future__ import annotations

import io
import re
import urllib.error
import urllib.request
import zipfile
from importlib.resources import files

import pytest

from stormops_graph import browser_kit
from stormops_graph.browser_kit import QUERIES, guide, saved_queries
from stormops_graph.graph.load import KINDS
from stormops_graph.services.loopback_files import served

FOLDER = files("stormops_graph.cypher").joinpath("browser")
EXAMPLE = {"household_id": "h1", "event_id": 'A "storm" <b>', "day": "2024-06-01"}


def test_every_query_is_given() -> None:
    assert sorted(f"{name}.cypher" for name in QUERIES) == sorted(
        file.name for file in FOLDER.iterdir() if file.name.endswith(".cypher")
    )
    with zipfile.ZipFile(io.BytesIO(saved_queries(EXAMPLE))) as archive:
        texts = [archive.read(name).decode() for name in archive.namelist()]
    assert len(texts) == len(QUERIES)
    assert all(re.match(r"// [a-z ]+: .+\n", text) and "LIMIT" in text for text in texts)
    journey = texts[QUERIES.index("journey")]
    assert '// first: :params {household_id: "h1"}\n' in journey
    assert saved_queries(EXAMPLE) == saved_queries(EXAMPLE)


def test_the_guide_escapes_what_a_feed_says() -> None:
    said = guide(EXAMPLE)
    assert "<b>" not in said
    assert "event_id: &quot;A \\&quot;storm\\&quot; &lt;b&gt;&quot;" in said
    assert said.count("<slide") == len(QUERIES) + 1


def test_the_style_covers_every_label_and_relationship() -> None:
    style = FOLDER.joinpath(browser_kit.STYLE).read_text("utf-8")
    nodes, relations = (
        set(re.findall(r"^node\.(\w+)", style, re.M)),
        set(re.findall(r"^relationship\.(\w+)", style, re.M)),
    )
    for kind in KINDS:
        if hasattr(kind, "type"):
            assert kind.type in relations
        else:
            assert set(kind.label.split(":")) <= nodes
    assert {"Journey", "Area", "Credit", "Run", "Identifier"} <= nodes
    assert {"TOOK", "HAS_TOUCH", "NEXT", "ENDED_IN", "IN", "OF", "FOR"} <= relations


def test_only_the_files_are_served() -> None:
    with served({"style.grass": b"node {}"}, reader="http://127.0.0.1:7474") as address:
        assert address.startswith("http://localhost:")
        with urllib.request.urlopen(f"{address}/style.grass") as answer:
            assert answer.read() == b"node {}"
            assert answer.headers["Access-Control-Allow-Origin"] == "http://127.0.0.1:7474"
        for wrong in ("", "../pyproject.toml", "etc/passwd"):
            with pytest.raises(urllib.error.HTTPError, match="404"):
                urllib.request.urlopen(f"{address}/{wrong}")
