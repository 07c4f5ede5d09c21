"""How a user names a record: by its key, or as feed:id, as exports have it."""

from __future__ import annotations

from collections.abc import Collection

from stormops_graph.errors import InputError, NotFound
from stormops_graph.tables import Connection

_KNOWN = "SELECT count(*) FROM record WHERE record = $name"
_RECORDS_OF = "SELECT DISTINCT record FROM source_row WHERE feed = $feed AND id = $id ORDER BY record"


def record_named(con: Connection, name: str, mentioned: Collection[str] = ()) -> str:
    """The key of the record that is named; `mentioned` are keys that count although their record has gone.

    Raises NotFound for a name that nobody knows, InputError where it means several records.
    """
    if name in mentioned or con.execute(_KNOWN, {"name": name}).fetchall()[0][0]:
        return name
    feed, _, row = name.partition(":")
    found = [record for (record,) in con.execute(_RECORDS_OF, {"feed": feed, "id": row}).fetchall()]
    if len(found) > 1:
        raise InputError(f"{name} is {len(found)} records: {', '.join(found)}", "name one of them")
    if not found:
        raise NotFound(
            f"there is no record {name}",
            "name it as feed:id, as in `export assignments` (calls:CA100012), after a `resolve` that read it",
        )
    return str(found[0])
