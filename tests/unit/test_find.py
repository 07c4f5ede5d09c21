from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stormops_graph.lookup.find import Hit, Identifier, by_home, narrowed
from stormops_graph.masks import masked, masked_name, masked_touch


def hit(value: str, home: str, confidence: float = 0.9, *, shared: bool = False) -> Hit:
    return Hit(Identifier("phone", value), home, confidence, shared)


@pytest.mark.parametrize(
    ("hits", "homes"),
    [
        ([], []),
        ([hit("1", "a")], ["a"]),
        ([hit("1", "a"), hit("2", "a")], ["a"]),
        ([hit("1", "a"), hit("1", "b"), hit("2", "b")], ["b"]),  # an address with an earlier resident
        ([hit("1", "a"), hit("2", "b")], ["a", "b"]),  # two homes: nobody may choose
        ([hit("1", "a", 0.5), hit("1", "b", 0.8)], ["b", "a"]),  # the surest first
        ([hit("1", "a"), hit("9", "b", shared=True), hit("9", "c", shared=True)], ["a"]),
        ([hit("1", "a"), hit("1", "b"), hit("9", "b", shared=True)], ["b"]),  # an office line decides what is left
        ([hit("1", "a"), hit("2", "b"), hit("9", "b", shared=True)], ["a", "b"]),  # but no disagreement
        ([hit("9", "a", shared=True), hit("9", "b", shared=True)], ["a", "b"]),
    ],
)
def test_identifiers_narrow_each_other_down(hits: list[Hit], homes: list[str]) -> None:
    assert list(narrowed(by_home(hits))) == homes


def test_only_one_of_several_homes_can_be_meant() -> None:
    assert narrowed(by_home([hit("1", "a", 0.8)])) == {"a": 0.8}
    assert narrowed(by_home([hit("1", "a", 0.5), hit("1", "b", 0.4)])) == {"a": 0.5, "b": 0.4}
    assert narrowed(by_home([hit("1", "a", 0.5), hit("1", "b", 1.0)])) == pytest.approx({"b": 2 / 3, "a": 1 / 3})


@given(st.lists(st.builds(hit, st.sampled_from("123"), st.sampled_from("abc"), shared=st.booleans())), st.randoms())
def test_the_order_of_hits_does_not_matter(hits: list[Hit], random: object) -> None:
    shuffled = list(hits)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert narrowed(by_home(shuffled)) == narrowed(by_home(hits))


def test_masks_hide_what_names_somebody() -> None:
    assert masked("email", "jane.doe@mail.com") == "j***@mail.com"
    assert masked("phone", "+12145550123") == "+1*****0123"
    assert masked("address", "12 elm st, 75209") == "*** elm st, 75209"
    assert masked("cookie", "1234567.8901234") == "123456***"
    assert masked("cookie", "short") == "***"
    assert masked_name("jane van doe") == "J. V. D."


def test_the_cookie_in_a_web_events_id_is_masked() -> None:
    assert masked_touch("ga4:1000426299.1714524224:1719014451524317") == "ga4:100042***:1719014451524317"
    assert masked_touch("calls:CA1000001") == "calls:CA1000001"
