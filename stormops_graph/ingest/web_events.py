"""GA4's nested event parameters and the city of the visit as columns, one for each that is read."""

from __future__ import annotations

from stormops_graph.ingest.feeds import NESTED, Feed

_PARAMETER = (
    '[{"key": "VARCHAR", "value": {"string_value": "VARCHAR", "int_value": "VARCHAR",'
    ' "float_value": "VARCHAR", "double_value": "VARCHAR"}}]'
)
# A parameter's value stands in one of four fields; the others are NULL or, in some exports, empty.
_VALUE = "coalesce(nullif(p.value.string_value, ''), p.value.int_value, p.value.float_value, p.value.double_value)"
_KEY = "vals[nullif(list_position(keys, '{}'), 0)]"
# What is no parameter by itself: the clicked message in the page's address, and the browser's city.
_PARTS = {
    "mid": f"nullif(url_decode(regexp_extract({_KEY.format('page_location')}, '[?&]mid=([^&#]+)', 1)), '')",
    "geo_city": "CASE WHEN json_valid(geo) THEN json_extract_string(geo, '$.city') END",
}


def flattened(feed: Feed, source: str) -> str:
    """A query over `source` with the feed's parameters as text columns beside its own.

    Events without parameters, or with something else in their place, have none.
    """
    own = ", ".join(f'"{column.name}"' for column in feed.columns if column.name not in NESTED)
    said = {column.name: _PARTS.get(column.name, _KEY.format(column.name)) for column in feed.parameters}
    parameters = ", ".join(f'{value} AS "{name}"' for name, value in said.items())
    return f"""
        SELECT file, line, {own}, {parameters} FROM (
            SELECT *, [p.key FOR p IN params] AS keys, [{_VALUE} FOR p IN params] AS vals FROM (
                SELECT *, CASE WHEN json_valid(event_params)
                    THEN json_transform(event_params, '{_PARAMETER}') END AS params
                FROM {source}))"""  # noqa: S608  (names are declared with the feed)
