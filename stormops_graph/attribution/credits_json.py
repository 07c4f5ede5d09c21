"""Areas and credits as the one JSON object that `attribute --json` prints."""

from __future__ import annotations

from typing import Any

from stormops_graph.attribution.coding import WHOLE_STORM
from stormops_graph.tables import AREA, CREDIT, PERSONA_CREDIT, PLAY_CHANNEL, Connection

AREAS = f"""
SELECT event_id, zip_code, journeys, conversions, value, touches, unattributed
FROM area ORDER BY event_id, zip_code <> '{WHOLE_STORM}', zip_code
"""  # noqa: S608  (a constant)
CREDITS = """
SELECT event_id, zip_code, dimension, key, model, share, low, high, "interval", conversions, value, touches,
       journeys, raw, own, shift
FROM credit ORDER BY event_id, zip_code, dimension, model, key
"""
AREA_FIGURES = ("journeys", "conversions", "value", "touches", "unattributed")
CREDIT_FIGURES = (
    "key",
    "model",
    "credit",
    "low",
    "high",
    "interval",
    "conversions",
    "value",
    "touches",
    "journeys",
    "raw",
    "own",
    "shift",
)
PLAY_CHANNELS = """
SELECT event_id, zip_code, play, channel, model, part, low, high, conversions, touches, own
FROM play_channel ORDER BY event_id, zip_code, play, part DESC, channel
"""
PLAY_CHANNEL_FIGURES = ("play", "channel", "model", "part", "low", "high", "conversions", "touches", "own")
PERSONAS = """
SELECT event_id, persona, journeys, conversions, own, key, model, share, low, high
FROM persona_credit ORDER BY event_id, persona NULLS LAST, model, key
"""
LISTS = {"channel": "channels", "play": "plays"}


def credits_json(con: Connection, run: str | None) -> dict[str, Any]:
    """`{"run", "areas": [{"event_id", "zip_code", …, "channels": […], "plays": […], "play_channels": […]}]}`.

    Reads AREA, CREDIT, PERSONA_CREDIT and PLAY_CHANNEL. A whole storm's `zip_code` is None, and it has `personas`; an
    area with nothing to credit has empty lists.
    """
    AREA.check(con)
    CREDIT.check(con)
    PERSONA_CREDIT.check(con)
    PLAY_CHANNEL.check(con)
    areas: dict[tuple[str, str], dict[str, Any]] = {}
    for event, zip_code, *figures in con.execute(AREAS).fetchall():
        areas[event, zip_code] = {
            "event_id": event,
            "zip_code": None if zip_code == WHOLE_STORM else zip_code,
            **dict(zip(AREA_FIGURES, figures, strict=True)),
            "channels": [],
            "plays": [],
            "play_channels": [],
        }
    for event, zip_code, dimension, *figures in con.execute(CREDITS).fetchall():
        areas[event, zip_code][LISTS[dimension]].append(dict(zip(CREDIT_FIGURES, figures, strict=True)))
    for event, zip_code, *figures in con.execute(PLAY_CHANNELS).fetchall():
        areas[event, zip_code]["play_channels"].append(dict(zip(PLAY_CHANNEL_FIGURES, figures, strict=True)))
    for area in areas.values():
        if area["zip_code"] is None:
            area["personas"] = []
    for event, persona, journeys, conversions, own, *figures in con.execute(PERSONAS).fetchall():
        personas = areas[event, WHOLE_STORM]["personas"]
        if not personas or personas[-1]["persona"] != persona:
            personas.append({"persona": persona, "journeys": journeys, "conversions": conversions, "channels": []})
        row = dict(zip(("key", "model", "credit", "low", "high"), figures, strict=True))
        personas[-1]["channels"].append({**row, "interval": "pooled", "own": own})
    return {"run": run, "areas": list(areas.values())}
