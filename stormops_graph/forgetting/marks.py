"""What people are known by when they come again: the keyed hashes of an erasure.

Invariant: a home is not among them, so that its next owner is read; a name counts only together with a home.
"""

from __future__ import annotations

import hashlib
from datetime import datetime

from stormops_graph.forgetting.keyed import keyed
from stormops_graph.forgetting.people import People
from stormops_graph.ledger.erasures import Mark, Suppressed

_HASHED = {Mark.phone: Mark.phone_sha256, Mark.email: Mark.email_sha256}


def marks_of(people: People, key: bytes, end: datetime, number_end: datetime) -> list[Suppressed]:
    """Their rows for ever, a number until it may be somebody else's, the rest until the end; each once, in order."""
    found: set[tuple[Mark, str, datetime | None]] = set()
    for feed, row, recipient in people.rows:
        if feed != "ga4":  # by its cookie
            found.add((Mark.row, f"{feed}:{row}" + (f":{recipient}" if recipient else ""), None))
    for one in people.identifiers:
        if one.kind == "address":
            continue
        kind, ends = Mark(one.kind), number_end if one.kind.startswith("phone") else end
        found.add((kind, one.value, ends))
        if kind in _HASHED:
            found.add((_HASHED[kind], hashlib.sha256(one.value.encode()).hexdigest(), ends))
    for given, surname, home in people.names:
        if home:
            found.add((Mark.person, f"{given}\x1f{surname}\x1f{home}", end))
    marks = [Suppressed(mark=kind, hash=keyed(key, kind, value), until=ends) for kind, value, ends in found]
    return sorted(marks, key=lambda one: (one.mark, one.hash))
