from __future__ import annotations

import pytest

from stormops_graph.adapters.migrations import Migration
from stormops_graph.adapters.statements import parse, statement
from stormops_graph.errors import StoreError
from stormops_graph.tables import CREDIT

SOURCE = "// purpose: look\n// params: a, b\n// returns: n\nMATCH (n:<label> {k: $a, l: $b})\nRETURN n\n"


def test_a_statement_is_its_header_and_text() -> None:
    found = parse("read/x", SOURCE)
    assert (found.purpose, found.params, found.returns) == ("look", ("a", "b"), "n")
    assert found.text == "MATCH (n:<label> {k: $a, l: $b})\nRETURN n"
    assert found.spelled({"label": "Identifier:Phone"}).startswith("MATCH (n:Identifier:Phone {")


@pytest.mark.parametrize("word", ["", "Phone) DETACH DELETE (n", "Phone `x`", "9"])
def test_a_placeholder_takes_nothing_but_a_name(word: str) -> None:
    with pytest.raises(StoreError, match="<label>"):
        parse("read/x", SOURCE).spelled({"label": word})


def test_a_statement_without_header_or_file_is_refused() -> None:
    with pytest.raises(StoreError, match="params"):
        parse("read/x", "// purpose: p\n// returns: r\nRETURN 1")
    with pytest.raises(StoreError, match="no statement read/nothing"):
        statement("read/nothing")


def test_a_migration_is_parted_at_semicolons_and_sums_up_its_text() -> None:
    one = Migration(1, "model", "// why\nCREATE (a);\nCREATE (b {c: ';'});\n")
    assert one.statements == ["CREATE (a)", "CREATE (b {c: ';'})"]
    assert one.checksum == Migration(1, "model", one.source.replace("\n", "\r\n")).checksum
    assert one.checksum != Migration(1, "model", one.source + " ").checksum


def test_credits_are_read_back_with_every_column_that_is_written() -> None:
    written = {"credit" if name == "share" else name for name in CREDIT.columns}
    found = set(statement("read/credits").returns.split(", "))
    assert found == written | {"credit_id", "fingerprint"}


def test_a_line_is_sent_once_for_each_of_several_names() -> None:
    found = parse("write/x", "// purpose: p\n// params: none\n// returns: r\nSET n.<times> = row.<times>\nRETURN <key>")
    assert found.spelled({"key": "a", "times": ("at", "to")}) == "SET n.at = row.at\nSET n.to = row.to\nRETURN a"
    assert found.spelled({"key": "a", "times": ()}) == "RETURN a"
    with pytest.raises(StoreError):
        found.spelled({"key": ("a", "b; DELETE"), "times": ()})
