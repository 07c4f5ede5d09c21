"""Credits of channels for each persona of a storm: its journeys are answered like a ZIP's, with the rest of the storm.

No priors lean here: these are what the personas' journeys say, for looking at beside what is believed of them.
Invariant: the shares of one persona and model sum to 1; personas with fewer journeys than `minimum_journeys` have none.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from stormops_graph.attribution.answers import How, Pooled
from stormops_graph.attribution.chains import offsets_of
from stormops_graph.attribution.coding import CodedJourneys
from stormops_graph.attribution.counting import ZipCounts, storm_chains
from stormops_graph.attribution.doubt import Doubt
from stormops_graph.tables import Connection

_INSERTED = """
INSERT INTO persona_credit
SELECT $event, nullif($persona, ''), $journeys, $conversions, unnest($key::VARCHAR[]), $model, unnest($share::DOUBLE[]),
       unnest($low::DOUBLE[]), unnest($high::DOUBLE[]), $own
"""


def by_persona(journeys: CodedJourneys) -> CodedJourneys:
    """The journeys of a storm with personas in place of ZIPs; "" is that of journeys whose persona is not known."""
    order = np.argsort(journeys.persona, kind="stable")
    lengths = journeys.lengths[order]
    touch = np.arange(lengths.sum()) + np.repeat(
        offsets_of(journeys.lengths)[order] - offsets_of(lengths)[:-1], lengths
    )
    return replace(
        journeys,
        areas=tuple((journeys.areas[0][0], persona) for persona in journeys.personas),
        area=journeys.persona[order],
        converted=journeys.converted[order],
        value=journeys.value[order],
        personas=("",),
        persona=np.zeros_like(journeys.persona),
        lengths=lengths,
        states={name: states[touch] for name, states in journeys.states.items()},
        ages=journeys.ages[touch],
    )


def write_persona_credits(con: Connection, storm: CodedJourneys, how: How, doubt: Doubt) -> None:
    """Add the credits of a storm's personas to PERSONA_CREDIT; none where all journeys are one's."""
    if len(storm.personas) == 1:
        return
    chains = storm_chains(by_persona(storm), "channel", how.options, None)
    zips = ZipCounts(chains)
    least = how.options.minimum_journeys
    asked = [number for number in zips.present if chains.bounds[number + 1] - chains.bounds[number] >= least]
    drawn = replace(doubt, priors=None).of(chains, [chains.zips[number] for number in asked], how, by_persona)
    pooled = Pooled.of(zips, how.hybrid.alpha, how.memory)
    for number in asked:
        counts, persona = zips.of(number), chains.zips[number]
        for model, answer in pooled.answers(number, how, drawn.get(persona)).items():
            con.execute(
                _INSERTED,
                {
                    "event": chains.event,
                    "persona": persona,
                    "journeys": int(counts.personas.sum()),
                    "conversions": int(counts.conversions),
                    "key": list(chains.names),
                    "model": model,
                    "share": answer.share.tolist(),
                    "low": None if answer.low is None else answer.low.tolist(),
                    "high": None if answer.high is None else answer.high.tolist(),
                    "own": answer.own,
                },
            )
