from __future__ import annotations

from xml.etree import ElementTree

from stormops_graph.pages.document import document
from stormops_graph.pages.drawing import elided, escaped, rect, svg, text
from stormops_graph.pages.style import DARK, LIGHT, PICTURE
from stormops_graph.plain_text import plain

HOSTILE = "<script>alert('x')</script>\x1b[31m\u202e\ud800\x00\n&\""


def test_nothing_written_can_act() -> None:
    assert plain(HOSTILE) == "<script>alert('x')</script>[31m &\""
    drawn = svg(10, 10, [text(0, 0, HOSTILE, "end"), rect((0, 0, 1, 1), "ours", HOSTILE)], HOSTILE)
    assert "<script" not in drawn
    root = ElementTree.fromstring(drawn)
    assert root.get("aria-label") == root[0].text == root[1][0].text == plain(HOSTILE)
    assert "<script" not in document(HOSTILE, [f"<p>{escaped(HOSTILE)}</p>"])


def test_a_text_is_cut_to_its_room() -> None:
    assert elided("door_knock", 100) == "door_knock"
    assert elided("", 10) == ""
    cut = elided("Premium " * 20, 100)
    assert cut.endswith("…")
    assert 8 < len(cut) < 20
    assert len(elided("日" * 40, 100)) < len(cut)


def test_a_box_is_never_less_than_nothing() -> None:
    assert 'width="0.0"' in rect((0, 0, -3, 1), "ours")


def test_the_palettes_name_the_same_colours_and_pictures_need_no_variables() -> None:
    assert LIGHT.keys() == DARK.keys()
    assert "var(" not in PICTURE
