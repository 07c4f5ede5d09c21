"""All matching rules of a project, read and held against each other."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from stormops_graph.normalise import read_feed_rules
from stormops_graph.personas.priors import PRIORS_FILE, Priors
from stormops_graph.rules.model import TRAINED, read_model
from stormops_graph.rules.ruleset import HOUSEHOLD, NICKNAMES, PERSON, SESSION, read_rules


@dataclass(frozen=True)
class Part:
    """A file of the rules, and what it declares in a few words."""

    file: str
    declares: str


def check_rules(folder: Path) -> list[Part]:
    """Every file of the rules in `folder`, in words.

    Raises SettingsError with file, line and field, or ModelError where the trained model does not fit the rules.
    """
    rules = read_rules(folder)
    model = read_model(rules)
    feeds = read_feed_rules(folder)
    priors = Priors.read(folder / PRIORS_FILE)
    names = sum(map(len, model.frequency.values()))
    columns = ", ".join(comparison.column for comparison in rules.person.comparison)
    channels = feeds.channels
    counted = [name for name in type(channels).model_fields if getattr(getattr(channels, name), "count", False)]
    return [
        Part("channels.toml", f"touches of {', '.join(counted)}"),
        Part("identifiers.toml", f"{len(feeds.identifiers.phone)} patterns of placeholder numbers, and lists of junk"),
        Part(PRIORS_FILE, f"priors of {', '.join(priors.personas)}"),
        Part(PERSON, f"{len(rules.person.block)} blocks; comparisons of {columns}"),
        Part(HOUSEHOLD, "kinds of pairs, clusters, shared identifiers, addresses"),
        Part(SESSION, "anonymous cookies next to a home's touches"),
        Part(NICKNAMES, f"{len(rules.nicknames)} names with a root"),
        Part(TRAINED, f"weights of {len(model.levels)} comparisons, {names:,} name frequencies; fits these rules"),
    ]
