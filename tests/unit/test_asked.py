from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from importlib.resources import as_file, files

import duckdb
import pytest

from stormops_graph.errors import Mistyped
from stormops_graph.ingest import FEEDS
from stormops_graph.lookup.asked import Asked, AskedReader
from stormops_graph.lookup.find import Identifier
from stormops_graph.normalise import FeedRules, normalise, read_feed_rules
from stormops_graph.tables import QUARANTINE


@pytest.fixture(scope="module")
def rules(tmp_path_factory: pytest.TempPathFactory) -> FeedRules:
    folder = tmp_path_factory.mktemp("rules")
    with as_file(files("stormops_graph.matching_rules")) as shipped:
        shutil.copytree(shipped, folder, dirs_exist_ok=True)
    return read_feed_rules(folder)


def identifiers_of_pipeline(rules: FeedRules, asked: Asked) -> set[tuple[str, str]]:
    con = duckdb.connect()
    QUARANTINE.create(con)
    for feed in FEEDS.values():
        for table in (feed.table, feed.places):
            table.create(con)
    con.execute(
        "INSERT INTO feed_conversions BY NAME SELECT 'c' AS conversion_id, TIMESTAMP '2024-05-28' AS occurred_at,"
        " ? AS phone, ? AS email, ? AS address, 1 AS print",
        [asked.phone, asked.email, asked.address],
    )
    normalise(con, rules)
    return set(con.execute("SELECT kind, value FROM holding").fetchall())


@pytest.mark.parametrize(
    "asked",
    [
        Asked(phone="(214) 363-4567", email="Jane.Doe@Mail.com", address="1374 Windmill Lane Apt 4, Dallas, TX 75211"),
        Asked(phone="+1 214 363 4567 ext. 5", address="12 N. ELM STREET"),
        Asked(phone="2143634567", address="77  oak blvd unit b 75209-1234"),
        Asked(address="PO Box 12, Dallas TX 75211"),
        Asked(phone="555", email="n/a"),
        Asked(phone="0000000000", email="none@none.com"),
    ],
)
def test_what_is_asked_is_read_as_the_feeds_are(rules: FeedRules, asked: Asked) -> None:
    found, _ = AskedReader(rules).read(asked)
    assert {(identifier.kind, identifier.value) for identifier in found} == identifiers_of_pipeline(rules, asked)


def test_a_reader_is_used_often(rules: FeedRules) -> None:
    reader = AskedReader(rules)
    for email in ("a@mail.com", "b@mail.com"):
        assert reader.read_all(Asked(email=email, cookie=" 1.2 ")) == [
            Identifier("email", email),
            Identifier("cookie", "1.2"),
        ]


def test_threads_share_a_reader(rules: FeedRules) -> None:
    reader = AskedReader(rules)
    asked = [Asked(phone=f"(214) 363-{number}", email=f"jane{number}@mail.com") for number in range(4500, 4700)]
    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(reader.read, asked)) == [reader.read(one) for one in asked]


def test_what_identifies_nobody_is_said_without_its_value(rules: FeedRules) -> None:
    with pytest.raises(Mistyped) as caught:
        AskedReader(rules).read_all(Asked(phone="555-12", email="a@mail.com"))
    assert "--phone: not a telephone number" in caught.value.message
    assert "555" not in caught.value.message
    assert caught.value.exit_code == 2  # of a command line that is not understood


@pytest.mark.parametrize("number", [2145550123, 2145550123.0])
def test_a_number_for_a_text_is_a_clear_error_without_it(number: float) -> None:
    with pytest.raises(Mistyped, match="the phone is no text but of type") as refused:
        Asked(phone=number)  # type: ignore[arg-type]
    assert "2145550123" not in str(refused.value)


def test_letters_that_could_not_be_read_are_a_clear_error() -> None:
    with pytest.raises(Mistyped, match="the cookie is no UTF-8"):
        Asked(cookie="caf\udce9")


def test_blank_is_nothing_asked() -> None:
    assert Asked(phone=" ").is_empty
    assert not Asked(cookie="1.2").is_empty
