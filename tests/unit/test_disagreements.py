"""What models side by side do not settle, by hand."""

from __future__ import annotations

from stormops_graph.attribution.disagreements import alike, doubts


def row(model: str, key: str, low: float, credit: float, high: float) -> dict[str, object]:
    return {"model": model, "key": key, "low": low, "credit": credit, "high": high}


MARKOV = [
    row("markov", "call", 0.50, 0.55, 0.60),
    row("markov", "email", 0.20, 0.25, 0.30),
    row("markov", "sms", 0.16, 0.20, 0.26),
]


def test_alike_are_those_within_each_others_intervals() -> None:
    assert alike(MARKOV) == [["email", "sms"]]
    assert alike(MARKOV[:2]) == []
    three = [row("m", key, low, low + 0.05, low + 0.1) for key, low in (("a", 0.32), ("b", 0.3), ("c", 0.26))]
    assert alike(three) == [["a", "b"]]  # c is like b, and not like a


def test_models_that_agree_and_tell_all_apart_leave_nothing_to_say() -> None:
    assert doubts(MARKOV[:2], "markov") == []
    assert doubts([], "markov") == []


def test_models_contradict_each_other_only_beyond_their_intervals() -> None:
    last = [row("last_touch", "call", 0.1, 0.2, 0.3), row("last_touch", "email", 0.6, 0.7, 0.8)]
    assert doubts([*MARKOV[:2], *last], "markov") == [
        "models disagree: markov puts call before email, last_touch after it"
    ]
    wide = [row("last_touch", "call", 0.1, 0.2, 0.7), last[1]]
    assert doubts([*MARKOV[:2], *wide], "markov") == []


def test_many_contradictions_are_counted() -> None:
    keys = "abcd"
    up = [row("markov", key, i, i + 0.1, i + 0.2) for i, key in enumerate(keys)]
    down = [row("linear", key, -i, 0.1 - i, 0.2 - i) for i, key in enumerate(keys)]
    told = doubts([*up, *down], "markov")
    assert len(told) == 4
    assert told[-1] == "models disagree about 3 more pairs"
