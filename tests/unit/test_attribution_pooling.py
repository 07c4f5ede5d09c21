"""Small ZIPs and what personas lean to, worked by hand where they can be, and what must hold of any storm."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from stormops_graph.attribution import markov, pooling
from stormops_graph.attribution.answers import Answer, How, Pooled, storm_answers
from stormops_graph.attribution.chains import Floats
from stormops_graph.attribution.coding import CodedJourneys
from stormops_graph.attribution.counting import Counts, StormChains, ZipCounts, storm_chains
from stormops_graph.attribution.hybrids import Hybrid
from stormops_graph.attribution.intervals import Bootstrap, generator
from stormops_graph.attribution.kappa import Kappa
from stormops_graph.attribution.leanings import STRENGTH, Leanings, Multipliers
from stormops_graph.attribution.pooling import expected_row, kappa_of, own_part, zip_draws
from stormops_graph.attribution.pseudo_journeys import Lending, zip_points
from stormops_graph.settings import AttributionSettings

OPTIONS = AttributionSettings(draws=400)
BOOTSTRAP = Bootstrap.drawn(OPTIONS.draws, OPTIONS.seed)
NAMES = ("call", "email", "sms")
LEANS: Multipliers = {"Deal_Hunter": {"channels": {"sms": 2.0, "call": 0.5}, "plays": {}}}
Taken = tuple[str, str, str, bool]


def journeys(taken: list[Taken]) -> CodedJourneys:
    """Journeys of (ZIP, persona, path, converted)."""
    zips = sorted({zip_code for zip_code, *_ in taken})
    personas = tuple(sorted({persona for _, persona, *_ in taken}))
    rows = sorted(taken, key=lambda row: row[0])
    steps = [path.split(">") for _, _, path, _ in rows]
    states = np.array([NAMES.index(step) for path in steps for step in path])
    return CodedJourneys(
        tuple(("S", zip_code) for zip_code in zips),
        np.array([zips.index(row[0]) for row in rows]),
        np.array([row[3] for row in rows]),
        np.array([100.0 * row[3] for row in rows]),
        personas,
        np.array([personas.index(row[1]) for row in rows]),
        np.array([len(path) for path in steps]),
        {"channel": NAMES},
        {"channel": states},
        np.linspace(1.0, 0.0, len(states)),
    )


def zip_counts(taken: list[Taken], priors: Multipliers | None = None) -> ZipCounts:
    return ZipCounts(storm_chains(journeys(taken), "channel", OPTIONS, priors))


def counted(taken: list[Taken], priors: Multipliers | None = None) -> tuple[StormChains, list[Counts], Counts]:
    zips = zip_counts(taken, priors)
    return zips.storm, [zips.of(number) for number in zips.present], zips.total


def pooled(
    taken: list[Taken], priors: Multipliers | None = None, kappa: Kappa | None = None
) -> list[dict[str, Answer]]:
    zips = zip_counts(taken, priors)
    how = How.of(zips.storm, OPTIONS, BOOTSTRAP)
    found = Pooled.of(zips, OPTIONS.hybrid_alpha, how.memory)
    found = replace(found, kappa=kappa or found.kappa)
    return [found.answers(number, how) for number in zips.present]


def whole_storm(storm: StormChains, counts: Counts) -> dict[str, Answer]:
    return storm_answers(storm, counts, How.of(storm, OPTIONS, BOOTSTRAP))


def of_zip(zip_code: str, times: int, persona: str = "") -> list[Taken]:
    """The same five journeys some times over; a call converts more than an email."""
    paths = [("email>call", True), ("call", True), ("sms>call", True), ("email", False), ("email>sms", False)]
    return [(zip_code, persona, path, converted) for path, converted in paths] * times


# Two ZIPs that differ, and a third where nobody converted.
UNEQUAL: list[Taken] = [
    *of_zip("1", 6),
    *[("2", "", "sms>email", True), ("2", "", "sms", True), ("2", "", "email>call", False)] * 10,
    ("3", "", "email", False),
    ("3", "", "sms>call", False),
]
PERSONAS: list[Taken] = [
    *of_zip("1", 4, "Deal_Hunter"),
    *of_zip("1", 1, ""),
    *of_zip("2", 2, "Proof_Seeker"),
    *of_zip("2", 1, "Deal_Hunter"),
    *of_zip("3", 1, "Proof_Seeker"),
]


def test_a_tilted_row_by_hand() -> None:
    # channel cells .4 .2 .2 with m = 1, .5, 2: .4 .1 .4, brought back to their mass of .8
    row = np.zeros((4, 5))
    row[0] = [0.4, 0.2, 0.2, 0.05, 0.15]
    tilted = Leanings(np.array([[1.0, 0.5, 2.0]])).tilted(row)[0]
    assert tilted[0] == pytest.approx([0.32 / 0.9, 0.08 / 0.9, 0.32 / 0.9, 0.05, 0.15])
    assert (tilted[1:] == 0).all()
    scaled = Leanings(np.array([[3.0, 1.5, 6.0]])).tilted(row)[0]
    assert scaled == pytest.approx(tilted)  # only the ratios of multipliers count


def test_rows_of_personas_lean_and_are_the_storms_together() -> None:
    counts = np.zeros((2, 4, 5))
    counts[0, 0], counts[1, 0] = [0, 6, 6, 6, 12], [0, 2, 2, 2, 4]  # three of four journeys are the first persona's
    rows = markov.rows(counts.sum(axis=0))
    one, other = Leanings(np.array([[1.0, 0.5, 2.0], [1.0, 1.0, 1.0]])).parted(rows, counts)
    assert 0.75 * one[0] + 0.25 * other[0] == pytest.approx(rows[0], abs=0.005)
    assert one[0, 2] / one[0, 1] == pytest.approx(4 * other[0, 2] / other[0, 1])
    assert one[0, :3].sum() == pytest.approx(rows[0, :3].sum()) and (one[0, 3:] == rows[0, 3:]).all()
    neutral = Leanings(np.ones((2, 3))).parted(rows, counts)
    assert (neutral == rows).all()  # to the last bit


def test_a_storm_leans_by_ten_journeys() -> None:
    counts = np.zeros((2, 4, 5))
    counts[0, 0], counts[1, 0] = [0, 6, 6, 6, 12], [0, 2, 2, 2, 4]  # 30 journeys of one persona, 10 of the other
    rows = markov.rows(counts.sum(axis=0))
    leanings = Leanings(np.array([[1.0, 0.5, 2.0], [1.0, 1.0, 1.0]]))
    # cells .2 .2 .2 .2 .4 -> of the first persona's .2 (1, .5, 2) / 3.5 * .6; three of four journeys are its
    leaned = leanings.leaned(rows, counts)[0]
    believed = 0.75 * np.array([0, 0.5, 2.0]) / 2.5 * 0.4 + 0.25 * np.array([0, 0.2, 0.2])
    assert leaned[:3] == pytest.approx((40 * rows[0, :3] + STRENGTH * believed) / 50)
    assert leaned[3:] == pytest.approx(rows[0, 3:])


def test_the_storm_tells_what_it_foretells_without_the_zip() -> None:
    _, zips, counts = counted(UNEQUAL)
    row = expected_row(zips[0], counts.without(zips[0]), Leanings(np.ones((1, 3))))
    # elsewhere 21 of sms: 10 go to email, 10 convert, 1 to a call; 1/5 a cell beside
    assert row[2] == pytest.approx(np.array([1.2, 10.2, 0.2, 10.2, 0.2]) / 22)
    # 20 begin with sms, 10 with an email, and those two where nobody converted
    assert row[3] == pytest.approx(np.array([1 / 3, 11 + 1 / 3, 21 + 1 / 3, 0, 0]) / 33)


def test_a_storm_that_weighs_all_answers_for_the_zip() -> None:
    storm, zips, counts = counted(UNEQUAL)
    elsewhere = counts.without(zips[1])
    drawn = zip_draws(zips[1], elsewhere, storm.leanings, Kappa.fixed(1e9), (4000, generator(1, "a")))
    alone = zip_draws(
        replace(zips[1], steps=0 * zips[1].steps),
        elsewhere,
        storm.leanings,
        Kappa.fixed(1e9),
        (4000, generator(1, "b")),
    )
    assert drawn.mean(axis=0) == pytest.approx(alone.mean(axis=0), abs=0.01)
    assert own_part(zips[1], counts, Kappa.fixed(1e9)) == pytest.approx(0, abs=1e-6)


def test_a_storm_that_weighs_nothing_leaves_the_zip_its_own() -> None:
    storm, zips, counts = counted(of_zip("1", 4000) + of_zip("2", 1) + [("2", "", "sms", True)])
    drawn = zip_draws(zips[0], counts.without(zips[0]), storm.leanings, Kappa.fixed(1e-6), (400, generator(1, "a")))
    raw = markov.shares(zips[0].steps.sum(axis=0))
    assert drawn.mean(axis=0) == pytest.approx(raw, abs=0.002)
    assert own_part(zips[0], counts, Kappa.fixed(1e-6)) == pytest.approx(1)


def test_kappa_is_large_where_zips_are_alike_and_small_where_not() -> None:
    alike = [row for number in range(6) for row in of_zip(str(number), 20)]
    other = [("call>email", True), ("call>sms", True), ("call", False), ("sms>email>email", True), ("sms>email", False)]
    unlike = [row for number in range(3) for row in of_zip(str(number), 20)]
    unlike += [(str(number), "", *journey) for number in (3, 4, 5) for journey in other] * 20
    means = []
    for taken in (alike, unlike):
        kappa = kappa_of(zip_counts(taken))
        assert kappa.chances.sum() == pytest.approx(1)
        means.append(float(np.log2(kappa.values) @ kappa.chances))
    assert means[0] > 8
    assert means[1] < 4


def test_kappa_where_the_zips_say_nothing() -> None:
    # one journey a ZIP: by every kappa it is as likely as the others say
    assert kappa_of(zip_counts([("1", "", "sms", True), ("2", "", "sms", True)])) == Kappa.fixed(10.0)


def test_the_log_of_the_gamma_function() -> None:
    found = pooling._log_gamma(np.array([0.001, 0.5, 1.0, 2.0, 11.0, 1000.0]))
    exact = [6.907178885383853, 0.5723649429247001, 0, 0, 15.104412573075516, 5905.220423209181]
    assert found == pytest.approx(exact, rel=1e-13, abs=1e-11)


def test_zips_that_are_alike_get_the_answer_of_their_storm() -> None:
    taken = [row for number in range(4) for row in of_zip(str(number), 30)]
    storm, _, counts = counted(taken)
    whole = whole_storm(storm, counts)
    for answers in pooled(taken):
        for model, answer in answers.items():
            assert answer.share == pytest.approx(whole[model].share, abs=0.02)
            assert answer.raw == pytest.approx(whole[model].raw, abs=1e-9 if model != "time_decay" else 1)


def test_every_answer_is_whole_and_inside_its_interval() -> None:
    for answers in (*pooled(UNEQUAL), *pooled(PERSONAS, LEANS)):
        assert set(answers) == {"markov", "shapley", "hybrid", "first_touch", "last_touch", "linear",
                                "position_based", "time_decay"}  # fmt: skip
        for answer in answers.values():
            assert answer.share.sum() == pytest.approx(1, abs=1e-12)
            assert (answer.low <= answer.share).all()
            assert (answer.share <= answer.high).all()
            assert 0 <= answer.own <= 1
            assert answer.shift.sum() == pytest.approx(0, abs=1e-12)


def test_a_zip_without_a_conversion_gets_the_storms_credit_and_says_so() -> None:
    storm, zips, counts = counted(UNEQUAL)
    answers = pooled(UNEQUAL)[2]
    assert np.isnan(answers["markov"].raw).all()
    assert answers["shapley"].own == 0
    rest = counts.without(zips[2]).credits.sum(axis=0)
    shapley = list(storm.weights).index("shapley")
    assert answers["shapley"].share == pytest.approx(rest[shapley] / rest[shapley].sum())


def test_what_is_lent_by_hand() -> None:
    storm, zips, counts = counted(UNEQUAL)
    lending = Lending((Kappa.fixed(27.0),) * len(storm.weights), np.ones(len(storm.weights)))
    # ZIP 1: 18 conversions, Shapley call 12, email 3, sms 3; elsewhere 20, email 5, sms 15. 28 = 27 + 1 and 21 = 20 + 1
    # journeys tell as much together as 12, of which one stands for the unseen
    points = zip_points(zips[0], counts.without(zips[0]), lending)
    assert points[0] == pytest.approx(np.array([12, 3 + 2.75, 3 + 8.25]) / 29)
    # nobody converted elsewhere: the ZIP's own
    _, alone, together = counted([*of_zip("1", 6), ("2", "", "sms", False)])
    assert zip_points(alone[0], together.without(alone[0]), lending)[0] == pytest.approx(np.array([12, 3, 3]) / 18)


def test_zips_lend_much_where_their_credits_are_alike_and_little_where_not() -> None:
    alike = [row for number in range(8) for row in of_zip(str(number), 20)]
    other = [("sms", True), ("sms>email", True), ("email", True), ("call", False), ("sms", False)]
    unlike = [row for number in range(4) for row in of_zip(str(number), 20)]
    unlike += [(str(number), "", *journey) for number in range(4, 8) for journey in other] * 20
    means = []
    for taken in (alike, unlike):
        zips = zip_counts(taken)
        lending = Lending.of(zips, kappa_of(zips))
        assert all(kappa.chances.sum() == pytest.approx(1) for kappa in lending.kappas)
        means.append([float(np.log2(kappa.values) @ kappa.chances) for kappa in lending.kappas])
    assert min(means[0]) > 6
    assert max(means[1]) < 3


def test_a_hybrid_is_as_wide_as_its_parts_err_together() -> None:
    source = generator(1, "hybrid")
    one, other = source.normal(0.5, 0.05, (2, 40_000, 1))
    # apart: sqrt(.05² + .05²) / 2; as one: .05; against each other: nothing is left
    for together, wide in ((0.0, 0.05 / np.sqrt(2)), (1.0, 0.05), (-1.0, 0.0), (0.5, 0.05 * np.sqrt(3) / 2)):
        draws = Hybrid(0.5, ("call",), np.array([together])).draws(one, other)
        assert draws.std() == pytest.approx(wide, rel=0.02, abs=1e-4)
        assert draws.mean() == pytest.approx(0.5, abs=1e-3)
    assert Hybrid(1.0, ("call",), np.array([0.3])).draws(one, other) == pytest.approx(one, abs=1e-12)


def test_markov_and_shapley_move_together_where_they_count_the_same() -> None:
    # journeys of one touch: both models give a channel the conversions after it, but for what is never seen
    taken = [("1", "", channel, True) for channel in ("call", "email", "sms") for _ in range(40)]
    storm, _, _ = counted(taken)
    hybrid = How.of(storm, OPTIONS, BOOTSTRAP).hybrid
    assert hybrid.together == pytest.approx(np.ones(3), abs=0.01)
    assert hybrid.over(("sms", "new", "call")).together.tolist() == [hybrid.together[2], 0.0, hybrid.together[0]]


def test_multipliers_of_one_are_no_priors_to_the_last_bit() -> None:
    ones: Multipliers = {"Deal_Hunter": {"channels": dict.fromkeys(NAMES, 1.0), "plays": {}}}
    for with_ones, without in zip(pooled(PERSONAS, ones), pooled(PERSONAS), strict=True):
        for model, answer in without.items():
            for name in ("share", "low", "high", "shift"):
                assert (getattr(with_ones[model], name) == getattr(answer, name)).all()
    with_ones, without = (counted(PERSONAS, priors) for priors in (ones, None))
    whole = [whole_storm(storm, counts) for storm, _, counts in (with_ones, without)]
    for model, answer in whole[0].items():
        assert (answer.share == whole[1][model].share).all()
        assert (answer.low == whole[1][model].low).all()


def test_who_took_a_journey_does_not_matter_to_a_storm_that_leans_to_nothing() -> None:
    known, unknown = (whole_storm(storm, counts) for storm, _, counts in (counted(PERSONAS), counted(of_all(PERSONAS))))
    for model, answer in known.items():
        assert answer.share == pytest.approx(unknown[model].share, abs=1e-12)
        assert answer.high == pytest.approx(unknown[model].high, abs=1e-8)


def of_all(taken: list[Taken]) -> list[Taken]:
    """The same journeys, of nobody known."""
    return [(zip_code, "", path, converted) for zip_code, _, path, converted in taken]


def sms_shift(times: int, whole: bool = False) -> dict[str, float]:
    taken = PERSONAS * times
    if whole:
        storm, _, counts = counted(taken, LEANS)
        answers = whole_storm(storm, counts)
    else:
        answers = pooled(taken, LEANS)[0]
    return {model: float(answer.shift[2]) for model, answer in answers.items()}


@pytest.mark.parametrize("whole", [True, False])
def test_priors_move_credit_and_data_win_as_they_grow(whole: bool) -> None:
    few, many = sms_shift(1, whole), sms_shift(40, whole)
    for model in ("markov", "shapley", "hybrid"):
        assert few[model] > 0
        assert 0 <= many[model] < few[model] / 3


def test_a_storms_shift_is_from_the_exact_answer() -> None:
    storm, _, counts = counted(PERSONAS, LEANS)
    for answer in whole_storm(storm, counts).values():
        assert answer.share - answer.shift == pytest.approx(answer.raw, abs=1e-12)


def test_personas_in_a_zip_count_by_how_often_they_come_there() -> None:
    # persona A always goes 0 -> 1, B starts at 1; equal shares of journeys, so state 1 is half A's and half B's
    rows = np.zeros((2, 3, 4))
    rows[0, 2, 0] = rows[0, 0, 1] = rows[0, 1, 2] = 1.0
    rows[1, 2, 1] = rows[1, 1, 3] = 1.0
    mixed: Floats = pooling._mixed(rows, np.array([0.5, 0.5]))
    assert mixed[1] == pytest.approx([0, 0, 0.5, 0.5])
    assert mixed[2] == pytest.approx([0.5, 0.5, 0, 0])
    assert mixed[0] == pytest.approx([0, 1, 0, 0])


def test_a_loop_that_only_sparse_draws_close_does_no_harm() -> None:
    taken = [("1", "", "sms>sms>sms>sms>call", True), ("2", "", "email>sms>sms", False), ("3", "", "email", False)]
    for answers in pooled(taken, kappa=Kappa.fixed(1.0)):
        for answer in answers.values():
            assert np.isfinite(answer.high).all()
