"""Who lives at an address as the home is listed, which their own records may write otherwise or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from stormops_graph.normalise.addresses import read_address
from stormops_graph.ports import Graph


def address_key(raw: str) -> tuple[str | None, str | None]:
    """An address as identifiers have it (`12 elm st #4, 75209`; without a ZIP code where none is said), or why not."""
    number, name, kind, unit, zip5, _, reason = read_address(raw)
    if not number or not name:
        return None, reason
    street = " ".join(filter(None, (number, name, kind, f"#{unit}" if unit else None)))
    return (f"{street}, {zip5}" if zip5 else street), None


def living_at(graph: Graph, address: str, at: datetime) -> Iterator[tuple[str, float]]:
    """The households that lived at a time in homes listed under an address, and how sure their surest record is."""
    number, _, _ = address.partition(" ")
    for row in graph.read("read/households_of_listed", start=f"{number} ", at=at):
        listed, _ = address_key(f"{row['address']}, {row['zip_code'] or ''}")
        if listed and address in (listed, listed.partition(", ")[0]):
            yield row["household_id"], row["confidence"]
