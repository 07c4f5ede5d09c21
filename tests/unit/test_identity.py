"""Ids that last: hand-worked cases, and what must hold for any groups."""

from __future__ import annotations

import uuid
from collections import Counter
from dataclasses import dataclass
from typing import NamedTuple

import duckdb
from hypothesis import given, settings
from hypothesis import strategies as st

from stormops_graph.cluster.identity import GROUPED, name_groups
from stormops_graph.tables import ENDED_ID, IDENTITY, LAST_MEMBERSHIP, LINEAGE, REPLACED_RECORD, USED_ID

SPACE = uuid.UUID("9c1f4f4e-6a36-4ad5-9f2f-0d6d5f1f3a10")


class Born(NamedTuple):
    id: str
    birth_key: str
    generation: int


@dataclass
class Naming:
    """ids: one a group; born: what is known of each; lineage: old id, new id, kind."""

    ids: list[str]
    born: list[Born]
    lineage: list[tuple[str, str, str]]


con = duckdb.connect(config={"threads": 1})


def name(
    groups: list[list[str]],
    last: dict[str, str] | None = None,
    used: list[Born] | None = None,
    merged: list[str] | None = None,
    replaced: str = "",
) -> Naming:
    for table in (GROUPED, LAST_MEMBERSHIP, USED_ID, ENDED_ID, REPLACED_RECORD, LINEAGE, IDENTITY):
        table.create(con)
    REPLACED_RECORD.append(con, [(record,) for record in replaced])
    members = [(number, record) for number, group in enumerate(groups) for record in group]
    several = {record for record, count in Counter(record for _, record in members).items() if count > 1}
    GROUPED.append(con, [(7, number, record, record in several) for number, record in members])
    LAST_MEMBERSHIP.append(con, [(record, f"person of {record}", old) for record, old in (last or {}).items()])
    USED_ID.append(con, [("household", *born) for born in used or []])
    ended = {one.id for one in used or []} - set((last or {}).values())
    ENDED_ID.append(con, [("household", old, old in (merged or ())) for old in sorted(ended)])
    name_groups(con, "household", SPACE)
    rows = con.execute("SELECT id, birth_key, generation FROM named ORDER BY number").fetchall()
    born = list(map(Born._make, rows))
    assert sorted(con.execute("SELECT * FROM identity").fetchall()) == sorted(("household", *one) for one in born)
    lineage = con.execute("SELECT old_id, new_id, kind FROM lineage").fetchall()
    return Naming([one.id for one in born], born, lineage)


def test_a_new_group_is_born_of_its_smallest_record() -> None:
    naming = name([["b", "a"], ["c"]])
    assert naming.ids == [str(uuid.uuid5(SPACE, "household:a:0")), str(uuid.uuid5(SPACE, "household:c:0"))]
    assert [born.birth_key for born in naming.born] == ["a", "c"]
    assert naming.lineage == []


def test_an_id_whose_birth_was_erased_is_not_given_again() -> None:
    erased = Born(str(uuid.uuid5(SPACE, "household:a:0")), "forgotten:1", 0)
    again = name([["a"], ["b"]], used=[erased])
    assert again.ids[0] != erased.id
    assert again.ids[1] == str(uuid.uuid5(SPACE, "household:b:0"))
    assert name([["a"]], {"a": again.ids[0]}, [erased, again.born[0]]).ids == [again.ids[0]]


def test_a_group_that_grows_keeps_its_id() -> None:
    first = name([["b", "c"]])
    last = dict.fromkeys(["b", "c"], first.ids[0])
    assert name([["a", "b", "c", "d"]], last, first.born).ids == first.ids


def test_a_merge_keeps_the_larger_share_and_tells_where_the_other_went() -> None:
    first = name([["a"], ["b", "c"]])
    last = {"a": first.ids[0], "b": first.ids[1], "c": first.ids[1]}
    merged = name([["a", "b", "c"]], last, first.born)
    assert merged.ids == [first.ids[1]]
    assert merged.lineage == [(first.ids[0], first.ids[1], "merged")]


def test_a_split_in_halves_leaves_the_id_with_the_smallest_record() -> None:
    first = name([["a", "b"]])
    old = first.ids[0]
    split = name([["b"], ["a"]], {"a": old, "b": old}, first.born)
    assert split.ids == [str(uuid.uuid5(SPACE, "household:b:0")), old]
    assert split.lineage == [(old, split.ids[0], "split")]


def test_of_many_parts_the_largest_keeps_the_id() -> None:
    first = name([list("abcdef")])
    parted = name([["a", "b"], ["c"], ["d", "e", "f"]], dict.fromkeys("abcdef", first.ids[0]), first.born)
    assert parted.ids[2] == first.ids[0]
    assert parted.ids[0] == str(uuid.uuid5(SPACE, "household:a:1"))  # the record gave birth before
    assert [row[0::2] for row in parted.lineage] == [(first.ids[0], "split")] * 2


def test_a_part_that_leaves_does_not_take_the_id() -> None:
    first = name([["a", "b", "c"]])
    old = first.ids[0]
    parted = name([["a"], ["b", "c"]], dict.fromkeys("abc", old), first.born)
    assert parted.ids[1] == old
    assert parted.lineage == [(old, parted.ids[0], "split")]


def test_records_that_have_gone_do_not_cost_the_id() -> None:
    first = name([["a", "b", "c"]])
    assert name([["c"]], dict.fromkeys("abc", first.ids[0]), first.born).ids == first.ids


def test_a_record_that_is_somebody_elses_now_takes_no_id_along_and_brings_none_back() -> None:
    first = name([["a"], ["b", "c"]])
    last = {"a": first.ids[0], "b": first.ids[1], "c": first.ids[1]}
    other = name([["a"], ["b"], ["c"]], last, first.born, replaced="ab")
    assert other.ids[2] == first.ids[1]
    assert {other.ids[0], other.ids[1]}.isdisjoint(first.ids)
    assert other.lineage == []
    assert name([["a"]], {}, first.born, replaced="a").ids[0] != first.ids[0]


def test_who_was_lost_comes_back_with_the_record_that_it_was_born_of() -> None:
    first = name([["b", "c"], ["d"]])
    back = name([["a", "b"], ["c"]], {"d": first.ids[1]}, first.born)  # a is new
    assert back.born == [first.born[0], Born(str(uuid.uuid5(SPACE, "household:c:0")), "c", 0)]
    assert back.lineage == []


def test_who_was_lost_and_comes_back_where_others_live_is_merged_into_them() -> None:
    first = name([["b", "c"], ["d"]])
    back = name([["b", "d"]], {"d": first.ids[1]}, first.born)
    assert back.ids == [first.ids[1]]
    assert back.lineage == [(first.ids[0], first.ids[1], "merged")]


def test_of_several_who_were_lost_the_one_of_the_smallest_record_comes_back() -> None:
    first = name([["a"], ["b", "c"]])
    back = name([["c", "b", "a"]], None, first.born)
    assert back.born == [first.born[0]]
    assert back.lineage == [(first.ids[1], first.ids[0], "merged")]


def test_who_moved_and_was_lost_has_both_ids_again() -> None:
    moved = [["a", "b"], ["a"], ["0", "a"]]
    first = name(moved)
    assert [(born.birth_key, born.generation) for born in first.born] == [("a", 0), ("a", 1), ("0", 0)]
    assert name(moved, None, first.born).born == first.born
    some = name([["a"], ["0", "a"]], None, first.born)
    assert some.ids == [first.ids[1], first.ids[2]]  # the later one of two that are born of a record


def test_who_was_merged_and_parts_again_has_the_id_that_it_had() -> None:
    first = name([["a"], ["b", "c"]])
    petra, james = first.ids
    together = dict.fromkeys("abc", james)
    apart = name([["a"], ["b", "c"]], together, first.born, [petra])
    assert apart.born == first.born
    assert apart.lineage == [(james, petra, "split")]
    gone = name([["a"], ["b", "c"]], dict.fromkeys("bc", james), first.born, [petra])  # or was away before
    assert gone.born == first.born
    assert gone.lineage == []


def test_who_was_merged_stays_so_where_the_record_that_it_was_born_of_is_with_others() -> None:
    first = name([["a"], ["b", "c"], ["d"]])
    petra, james, other = first.ids
    moved = name([["a", "d"], ["b", "c"]], {"a": james, "b": james, "c": james, "d": other}, first.born, [petra])
    assert moved.ids == [other, james]  # which keeps the id of d
    assert moved.lineage == [(james, other, "split")]


def test_of_several_who_ended_the_one_of_the_smallest_record_lives_again() -> None:
    first = name([["a"], ["b"], ["c", "d", "e"]])
    apart = name([["a", "b"], ["c", "d", "e"]], dict.fromkeys("abcde", first.ids[2]), first.born, first.ids[:2])
    assert apart.ids == [first.ids[0], first.ids[2]]


def test_whose_record_only_moved_on_is_not_lost_and_may_live_again() -> None:
    first = name([["a"], ["b"]])
    last = dict.fromkeys("ab", first.ids[1])  # the one of b took a in
    assert name([["a", "b"]], last, first.born).lineage == []
    assert first.ids[0] not in name([["a"], ["b"]], last, first.born).ids  # a, the smaller, keeps it
    came = name([["a"], ["b"]], {"b": first.ids[1]}, first.born, [first.ids[0]])  # and a was gone for a night
    assert came.born == first.born
    other = name([["a"], ["c"]], {"c": first.ids[0]}, first.born)  # or c has its id, and lives
    assert other.born == [Born(str(uuid.uuid5(SPACE, "household:a:1")), "a", 1), first.born[0]]


partitions = st.dictionaries(st.sampled_from("abcdefghij"), st.integers(0, 3), min_size=1)


def groups_of(partition: dict[str, int]) -> list[list[str]]:
    return [[r for r, g in partition.items() if g == number] for number in sorted(set(partition.values()))]


@given(partitions, partitions)
@settings(max_examples=20)
def test_ids_are_unique_and_a_second_run_changes_none(before: dict[str, int], after: dict[str, int]) -> None:
    first = name(groups_of(before))
    last = {r: i for group, i in zip(groups_of(before), first.ids, strict=True) for r in group}
    second = name(groups_of(after), last, first.born)
    assert len(set(second.ids)) == len(second.ids)
    now = {r: i for group, i in zip(groups_of(after), second.ids, strict=True) for r in group}
    used = list({born.id: born for born in first.born + second.born}.values())
    assert name(groups_of(after), now, used).ids == second.ids
    assert name(groups_of(after), now, used).lineage == []


@given(partitions, partitions)
@settings(max_examples=20)
def test_an_id_stays_with_the_largest_part_of_its_members(before: dict[str, int], after: dict[str, int]) -> None:
    first = name(groups_of(before))
    last = {r: i for group, i in zip(groups_of(before), first.ids, strict=True) for r in group}
    second = name(groups_of(after), last, first.born)
    for group, new in zip(groups_of(after), second.ids, strict=True):
        parts = [len([r for r in other if last.get(r) == new]) for other in groups_of(after)]
        assert new not in first.ids or len([r for r in group if last.get(r) == new]) == max(parts)


@given(partitions)
@settings(max_examples=20)
def test_what_falls_apart_and_comes_together_again_has_the_id_it_had(parts: dict[str, int]) -> None:
    whole = name([sorted(parts)])
    apart = name(groups_of(parts), dict.fromkeys(parts, whole.ids[0]), whole.born)
    last = {r: i for group, i in zip(groups_of(parts), apart.ids, strict=True) for r in group}
    used = list({born.id: born for born in whole.born + apart.born}.values())
    assert whole.ids[0] in apart.ids
    assert name([sorted(parts)], last, used).ids == whole.ids


@given(partitions, st.sets(st.sampled_from("abcdefghij")), partitions)
@settings(max_examples=20)
def test_whoever_goes_for_a_night_has_the_id_that_it_had(
    before: dict[str, int], gone: set[str], others: dict[str, int]
) -> None:
    first = name(groups_of(before))
    last = {r: i for group, i in zip(groups_of(before), first.ids, strict=True) for r in group}
    away = {before[record] for record in gone & before.keys()}
    left = groups_of({record: group for record, group in before.items() if group not in away})
    night = name(left, last, first.born)
    lost = [born for born in first.born if born.id not in night.ids]
    now = {r: i for group, i in zip(left, night.ids, strict=True) for r in group}
    assert name(groups_of(before), now, first.born).born == first.born
    again = name(groups_of(others), now, first.born)
    assert len(set(again.ids)) == len(again.ids)
    merged = {old for old, _, kind in again.lineage if kind == "merged"}
    assert all(born.id in merged | set(again.ids) for born in lost if born.birth_key in others)


@given(partitions)
@settings(max_examples=20)
def test_what_comes_together_and_falls_apart_again_has_the_ids_it_had(parts: dict[str, int]) -> None:
    first = name(groups_of(parts))
    last = {r: i for group, i in zip(groups_of(parts), first.ids, strict=True) for r in group}
    whole = name([sorted(parts)], last, first.born)
    merged = [old for old, _, kind in whole.lineage if kind == "merged"]
    again = name(groups_of(parts), dict.fromkeys(parts, whole.ids[0]), first.born, merged)
    assert again.born == first.born


@given(st.lists(partitions, min_size=2, max_size=6))
@settings(max_examples=40)
def test_after_any_nights_an_id_is_of_one_group_and_leads_to_one_that_lives(nights: list[dict[str, int]]) -> None:
    last: dict[str, str] = {}
    used: dict[str, Born] = {}
    into: dict[str, str] = {}
    for night in nights:
        groups = groups_of(night)
        naming = name(groups, last, list(used.values()), list(into))
        assert len(set(naming.ids)) == len(groups)
        used |= {born.id: born for born in naming.born}
        into |= {old: new for old, new, kind in naming.lineage if kind == "merged"}
        into = {old: new for old, new in into.items() if old not in naming.ids}
        last = {r: i for group, i in zip(groups, naming.ids, strict=True) for r in group}
        for old in into:
            way = [old]
            while way[-1] in into:
                way.append(into[way[-1]])
                assert len(set(way)) == len(way)
    rerun = name(groups, last, list(used.values()), list(into))  # any night is the last of some
    assert (rerun.ids, rerun.lineage) == (naming.ids, [])
