"""Where records live night by night: whoever comes, goes or is called otherwise, it is what a full run says."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from listed_homes import PARTS, RULES, Address, market

from stormops_graph.link.homes import place_addresses
from stormops_graph.tables import HOLDING, RECORD, RECORD_NEWS, Connection

LISTED: dict[str, Address] = {
    "oak": ("11", "oak", "st", None, "75201"),
    "flat 1": ("30", "elm", "st", "1", "75201"),
    "flat 2": ("30", "elm", "st", "2", "75201"),
}
WRITTEN: dict[str, Address] = {
    **LISTED,
    "building": ("30", "elm", "st", None, "75201"),
    "slips": ("30", "elms", "rd", None, None),
    "unlisted": ("4711", "qneihl", "rd", None, "75201"),
}
Night = dict[str, tuple[str, str | None, str | None, str | None]]  # record → address, given, surname, phone
NIGHTS = st.dictionaries(
    st.sampled_from([f"r{n}" for n in range(6)]),
    st.tuples(
        st.sampled_from(list(WRITTEN)),
        st.sampled_from([None, "jane", "bob"]),
        st.sampled_from([None, "roe", "doe"]),
        st.sampled_from([None, "1", "2"]),
    ),
)


def say(con: Connection, night: Night, before: Night) -> None:
    """Let the records be those of the night; what differs from the night before is news."""
    for table in (RECORD, HOLDING, RECORD_NEWS):
        table.create(con)
    for record, (key, name, surname, phone) in night.items():
        con.execute(
            f"INSERT INTO record (record, address_key, given, surname, {', '.join(PARTS)}) VALUES "
            "($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            [record, key, name, surname, *WRITTEN[key]],
        )
        if phone:
            con.execute("INSERT INTO holding (record, kind, value) VALUES (?, 'phone', ?)", [record, phone])
    news = sorted(record for record in {*night, *before} if night.get(record) != before.get(record))
    con.execute("INSERT INTO record_news SELECT unnest(?::VARCHAR[])", [news])


def housed(con: Connection) -> dict[str, tuple[object, ...]]:
    return {record: tuple(home) for record, *home in con.execute("FROM record_home").fetchall()}


@given(st.lists(NIGHTS, min_size=2, max_size=3))
@settings(max_examples=6)
def test_all_live_where_a_full_run_says_and_whoever_moved_is_news(nights: list[Night]) -> None:
    with market(LISTED) as kept:
        before: Night = {}
        lived: dict[str, tuple[object, ...]] = {}
        for night in nights:
            say(kept, night, before)
            place_addresses(kept, RULES)
            with market(LISTED) as fresh:
                say(fresh, night, {})
                place_addresses(fresh, RULES)
                assert housed(kept) == housed(fresh)
            told = {record for (record,) in kept.execute("FROM record_news").fetchall()}
            now = housed(kept)
            assert {record for record in {*lived, *now} if lived.get(record) != now.get(record)} <= told
            before, lived = night, now
