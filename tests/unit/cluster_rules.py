"""The rules of clustering that hand-made evidence is judged by, whatever the shipped ones say."""

from __future__ import annotations

from stormops_graph.rules.ruleset import ClusterRules

RULES = ClusterRules(
    household_at_least=0.7,
    mail_at_least=0.6,
    person_at_least=0.8,
    apart_at_least=0.9,
    mover_at_least=0.95,
    families=3,
    mover_homes=3,
    torn_margin=0.2,
)
