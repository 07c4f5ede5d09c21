"""What Neo4j Browser is given: our saved queries, the style of the graph, and a guide that runs both.

Invariant: nothing of it is personal; the household in the examples is an id.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from importlib.resources import files

from stormops_graph.adapters.statements import Statement, statement
from stormops_graph.errors import NotFound
from stormops_graph.pages.drawing import escaped
from stormops_graph.ports import Graph, Row

QUERIES = (
    "picture",
    "household_at_a_date",
    "why_linked",
    "weakest_bridges",
    "shared_identifiers",
    "journey",
    "credits_by_model",
    "credits_by_zip",
    "commissions",
    "what_changed",
    "history",
)
"""The saved queries, in the order in which one meets them."""

ARCHIVE, STYLE, GUIDE = "saved-queries.zip", "style.grass", "guide.html"
_FOLDER = "stormops-graph"  # of the saved queries in Browser
_EPOCH = (1980, 1, 1, 0, 0, 0)  # so that the same queries make the same archive

_GUIDE = """\
<article class="guide"><carousel class="deck container-fluid">
<slide class="row-fluid"><div class="col-sm-12">
<h3>Households, journeys, credits</h3>
<p>A touch is made BY a record; a record HAS identifiers, MATCHES other records and RESOLVES_TO a person, who is a
MEMBER_OF a household. A household LIVES_AT a property and TOOK journeys; a journey HAS_TOUCH its touches, lies IN an
area and may have ENDED_IN a conversion. A credit is FOR an area.</p>
<p>First, what to look at: a household, a day, a storm, a model. Click it, then run it.</p>
{params}
<p>Other households are found by <code>stormops-graph find</code>, storms here:</p>
{storms}
</div></slide>
{slides}
</carousel></article>
"""
_SLIDE = '<slide class="row-fluid"><div class="col-sm-12"><h3>{title}</h3><p>{purpose}.</p>{query}</div></slide>'


def kit(graph: Graph) -> dict[str, bytes]:
    """The files by name; raises NotFound where no journey of the graph has converted, so there is none to show."""
    example = next(iter(graph.read("read/browser_example")), None)
    if example is None:
        raise NotFound(
            "the graph has no journey with a conversion to begin with",
            "stormops-graph resolve, on feeds with conversions",
        )
    style = files("stormops_graph.cypher").joinpath("browser", STYLE).read_bytes()
    return {ARCHIVE: saved_queries(example), STYLE: style, GUIDE: guide(example).encode()}


def saved_queries(example: Row) -> bytes:
    """The queries as Browser imports them: a folder of files, each named by its first line."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for place, name in enumerate(QUERIES, 1):
            entry = zipfile.ZipInfo(f"{_FOLDER}/{place:02} {name}.cypher", _EPOCH)
            archive.writestr(entry, _saved(statement(f"browser/{name}"), example))
    return packed.getvalue()


def _saved(query: Statement, example: Row) -> str:
    """A query under its purpose, which Browser shows as its name; what it asks for has to be said before."""
    asked = _asked(query.params, example)
    before = f"// first: :params {asked}\n" if asked else ""
    return f"// {_title(query)}: {query.purpose}\n{before}{query.text}\n"


def _asked(params: tuple[str, ...], example: Row) -> str:
    """Values to begin with, as Browser's `:params` takes them; empty where nothing is asked for."""
    known: Mapping[str, str] = {**example, "model": "markov"}
    return "{" + ", ".join(f"{name}: {json.dumps(known[name])}" for name in params) + "}" if params else ""


def _title(query: Statement) -> str:
    return query.name.rpartition("/")[2].replace("_", " ")


def guide(example: Row) -> str:
    """The guide, in the form that Browser shows: a slide for each query, which runs at a click."""
    every = ("household_id", "day", "event_id", "model")
    queries = [statement(f"browser/{name}") for name in QUERIES]
    return _GUIDE.format(
        params=_runnable(f":params {_asked(every, example)}"),
        storms=_runnable(statement("read/storms").text),
        slides="\n".join(
            _SLIDE.format(title=escaped(_title(query)), purpose=escaped(query.purpose), query=_runnable(query.text))
            for query in queries
        ),
    )


def _runnable(text: str) -> str:
    lines = "\n".join(map(escaped, text.splitlines()))
    return f'<figure><pre class="pre-scrollable code runnable">{lines}</pre></figure>'
