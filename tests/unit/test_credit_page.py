from __future__ import annotations

import io
import re
import sys
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from html import escape
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from rich.console import Console

from stormops_graph.cli.app import main
from stormops_graph.cli.credit_tables import show_credits
from stormops_graph.cli.progress import Lines
from stormops_graph.credit_page import page, pictures
from stormops_graph.credit_page.flow import flow_chart, left_out
from stormops_graph.credit_page.grids import grid
from stormops_graph.credit_page.ranges import credit_chart, shift_chart
from stormops_graph.credit_page.storms import storms_of
from stormops_graph.credit_page.weeks import week_chart
from stormops_graph.credit_page.words import findings
from stormops_graph.errors import InputError, Mistyped
from stormops_graph.pages.drawing import drawn_width, labels, length
from stormops_graph.pages.pictures import Picture, check_pictures, png, write_pictures
from stormops_graph.pages.style import DARK, LIGHT
from stormops_graph.pipeline import AreasAsked, attribute_apart
from stormops_graph.reports.attribution import AttributionReport, Lift, Overview, RepCredit, Week
from stormops_graph.reports.closed_storms import ClosedStorm
from stormops_graph.settings import AttributionSettings, Settings

SETTINGS = Settings(attribution=AttributionSettings(draws=100))
HEADER = "household_id\tzip_code\tevent_id\tchannel\tplay_id\ttimestamp\tconverted\tconversion_value\n"
HOSTILE = "<img src=x onerror=alert(1)>"
WORKED = [
    ("h1", "75201", "S", "ga4", "", "2024-05-28", 0, ""),
    ("h1", "75201", "S", "call", "P", "2024-05-30", 1, 9000),
    ("h2", "75201", "S", "ga4", "", "2024-06-04", 0, ""),
    ("h2", "75201", "S", "ga4", "P", "2024-06-05", 0, ""),
    ("h3", "75202", "S", "call", "P", "2024-06-04", 1, ""),
]


def journeys(folder: Path, rows: Any) -> Path:
    file = folder / "journeys.tsv"
    file.write_text(HEADER + "".join("\t".join(map(str, row)) + "\n" for row in rows))
    return file


def credited(folder: Path, rows: Any, **asked: Any) -> AttributionReport:
    progress = Lines(Console(file=io.StringIO()))
    return attribute_apart(str(journeys(folder, rows)), SETTINGS, {}, progress, AreasAsked(overview=True, **asked))


def many(channels: int, zips: int, conversions: int = 3, name: str = "A rather long channel name, number ") -> Any:
    """Six journeys a ZIP, of two touches each; every so many convert."""
    for number in range(zips * 6):
        for step in range(2):
            channel = f"{name}{(number * 7 + step * 3) % channels} {HOSTILE}"
            converted = int(step == 1 and conversions > 0 and number % conversions == 0)
            at = datetime(2024, 5, 28) + timedelta(hours=number + step)
            play = f"Play {number % 9} {HOSTILE}"
            yield f"h{number}", 75200 + number % zips, HOSTILE, channel, play, at, converted, ""


def drawings(html: str) -> Iterator[ElementTree.Element]:
    for drawn in re.findall(r"<svg.*?</svg>", html, re.DOTALL):
        yield ElementTree.fromstring(drawn)


def outside(drawing: ElementTree.Element) -> list[str]:
    """Texts that reach beyond the drawing, turned ones left out."""
    width = float(drawing.attrib["viewBox"].split()[2])
    found = []
    for text in drawing.iter("text"):
        if "x" not in text.attrib:
            continue
        x, said = float(text.attrib["x"]), text.text or ""
        size = 8.5 if "low" in text.attrib["class"] else 10.5 if "count" in text.attrib["class"] else 12
        room = {"start": width - x, "end": x, "middle": 2 * min(x, width - x)}[text.attrib["text-anchor"]]
        if length(said, size) > room + 3:
            found.append(said)
    return found


def test_the_journeys_are_counted(tmp_path: Path) -> None:
    (found,) = credited(tmp_path, WORKED).overviews
    assert found == Overview(
        event_id="S",
        zip_code=None,
        channels=["ga4", "call"],
        steps=[[1, 1, 0, 1], [0, 0, 2, 0], [2, 1, 0, 0]],
        weeks=[
            Week(begins=date(2024, 5, 27), started=1, converted=1),
            Week(begins=date(2024, 6, 3), started=2, converted=1),
        ],
        first=datetime(2024, 5, 28),
        last=datetime(2024, 6, 5),
        days_to_convert=1.0,
    )
    (one,) = credited(tmp_path, WORKED, zip_code="75202").overviews
    assert (one.zip_code, one.channels, one.steps) == ("75202", ["call"], [[0, 1, 0], [1, 0, 0]])
    assert credited(tmp_path, WORKED, zip_code="ALL").overviews == [found]
    alone = page(credited(tmp_path, WORKED, zip_code="75201"), "storm")
    assert "of these credits come from the ZIP&#x27;s own journeys" in alone
    assert "<h2>ZIP codes</h2>" not in alone
    assert "overviews" not in credited(tmp_path, WORKED).as_dict()


def test_a_page_shows_all_and_asks_nothing_of_others(tmp_path: Path) -> None:
    html = page(credited(tmp_path, WORKED), "storm")
    for said in ("3", "66.7 %", "2024-05-28 to 2024-06-05", "ga4", "All models", "ZIP codes", "From step to step",
                 "Over time", "not an effect", "nothing was written"):  # fmt: skip
        assert said in html
    assert not re.findall(r"(?:src|href)=[\"'](?!#)", html)
    assert "url(" not in html
    assert "<script" not in html
    assert "Simulated" not in html
    simulated = credited(tmp_path, WORKED).model_copy(update={"simulated": True})
    assert "Simulated data" in page(simulated, "storm")
    assert all("SIMULATED" in picture.said for picture in pictures(simulated).values())


@pytest.mark.parametrize(
    ("channels", "zips", "conversions"), [(1, 1, 1), (15, 12, 3), (2, 3, 0), (3, 62, 4)], ids=str
)  # fmt: skip
def test_nothing_is_cut_or_acts(tmp_path: Path, channels: int, zips: int, conversions: int) -> None:
    html = page(credited(tmp_path, many(channels, zips, conversions)), HOSTILE)
    assert "<img" not in html
    charts = list(drawings(html))
    assert len(charts) >= (3 if conversions == 0 else 8)
    assert [said for drawing in charts for said in outside(drawing)] == []
    if conversions == 0:
        assert "Nobody converted" in html


def test_one_journey_and_none(tmp_path: Path) -> None:
    one = credited(tmp_path, [("h1", "75201", "S", "call", "", "2024-05-28", 1, "")])
    assert "All journeys were by call" in page(one, "storm")
    assert "no journeys" in page(AttributionReport(published_model="markov"), "storm")


def test_names_that_look_alike_are_told_apart() -> None:
    names = [f"A rather long channel name, number {number} of these" for number in range(12)]
    assert len(set(labels(names, 120))) == 12
    assert all(length(label) <= 120 for label in labels(names, 120))
    assert labels(["call", "call", "ga4"], 120) == ["call", "call", "ga4"]


def test_every_step_to_a_conversion_is_drawn() -> None:
    rare = Overview(event_id="S", zip_code=None, channels=["a", "b", "c", "d"], weeks=[], steps=[
        [10, 20, 30, 1, 1, 38], [25, 25, 25, 1, 2, 22], [0, 0, 0, 0, 1, 9], [5, 5, 5, 5, 0, 80], [40, 30, 20, 1, 0, 0],
    ])  # fmt: skip
    drawn = flow_chart(rare, "steps")
    assert drawn.count('class="flow won"') == 3
    # a to d and b to d; of d, all but the strongest three of those at 5 %; from the start to d
    assert left_out(rare) == 1 + 1 + 2 + 1
    assert "a to converted: 1.0 %" in drawn


def test_weeks_without_a_journey_are_there_and_many_weeks_are_months() -> None:
    weeks = [
        Week(begins=date(2024, 5, 27), started=4, converted=1),
        Week(begins=date(2024, 6, 17), started=1, converted=0),
    ]
    assert "2024-06-03: 0 started" in week_chart(weeks, "weeks")
    long = [*weeks, Week(begins=date(2026, 1, 5), started=2, converted=2)]
    drawn = week_chart(long, "weeks")
    assert "by month" in drawn
    assert "2024-05-01: 4 started" in drawn
    assert "2024-12-01: 0 started" in drawn
    assert week_chart([], "weeks").startswith("<svg")


def test_what_cannot_be_told_apart_is_said() -> None:
    def row(key: str, model: str, credit: float, low: float, high: float) -> dict[str, Any]:
        return {"key": key, "model": model, "credit": credit, "low": low, "high": high, "shift": 0.02}

    area = {"event_id": "S", "zip_code": None, "journeys": 9, "conversions": 3, "channels": [
        row("a", "markov", 0.5, 0.4, 0.6), row("b", "markov", 0.4, 0.3, 0.45), row("c", "markov", 0.1, 0.0, 0.2),
        row("a", "last_touch", 0.4, 0.2, 0.4), row("b", "last_touch", 0.6, 0.5, 0.7),
    ]}  # fmt: skip
    (storm,) = storms_of(AttributionReport(published_model="markov", areas=[area]))
    assert findings(storm) == [
        "a and b cannot be told apart: their intervals overlap.",
        "The models do not agree on who is first: a by Markov; b by last touch.",
    ]
    assert "a without priors: 48.0 %" in shift_chart(storm.credits("channels"), "shift")


def test_a_long_name_is_written_out_while_there_is_room() -> None:
    long = "Financing_Premium_Showcase_2024_Autumn"
    for key, whole in ((long, True), (3 * long, False)):
        drawing = credit_chart([{"key": key, "credit": 1.0, "low": None, "high": None}], "credits")
        assert (f">{key}</text>" in drawing) is whole
        assert ("…" in drawing) is not whole
        assert length(key) < drawn_width(drawing) or not whole


def fonts_are_there() -> bool:
    try:
        check_pictures(Path("charts"))
    except InputError:
        return False
    return True


with_fonts = pytest.mark.skipif(not fonts_are_there(), reason="this machine has no font, and pictures need one")


@with_fonts
def test_charts_become_pictures(tmp_path: Path) -> None:
    folder = tmp_path / "charts"
    check_pictures(folder)
    found = pictures(credited(tmp_path, many(3, 2)))
    assert len(write_pictures(folder, found)) == len(found) >= 8
    for name in found:
        file = folder / f"{name}.png"
        assert re.fullmatch(r"01-[A-Za-z0-9-]+", name)
        assert file.read_bytes().startswith(b"\x89PNG")
        assert file.stat().st_mode & 0o077 == 0
    tmp_path.chmod(0o755)
    write_pictures(tmp_path, {})
    assert tmp_path.stat().st_mode & 0o777 == 0o755  # a folder that was there stays as it was
    (tmp_path / "taken").touch()
    with pytest.raises(InputError, match="not a folder"):
        check_pictures(tmp_path / "taken")


def test_pictures_need_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "resvg_py", None)
    with pytest.raises(InputError, match="extra png") as error:
        png(Picture('<svg viewBox="0 0 1 1"></svg>', ""))
    assert "stormops-graph[png]" in error.value.hint


@with_fonts
def test_attribute_writes_page_and_pictures(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    asked = ["attribute", "--journeys", str(journeys(tmp_path, WORKED))]
    with pytest.raises(SystemExit) as ended:
        main([*asked, "--report", "out.html", "--charts", "charts"])
    assert ended.value.code == 0
    assert "the report is in out.html" in capsys.readouterr().err
    assert (tmp_path / "out.html").stat().st_mode & 0o077 == 0
    assert (tmp_path / "charts" / "01-S-channels.png").is_file()
    for wrong, code in (("out.pdf", Mistyped.exit_code), ("none/out.html", InputError.exit_code)):
        with pytest.raises(SystemExit) as ended:
            main([*asked, "--report", wrong])
        assert ended.value.code == code
        assert "attribute" not in capsys.readouterr().err  # before any work is done


def test_held_out_homes_and_closed_books_are_shown(tmp_path: Path) -> None:
    lift = Lift(
        event_id="S", zip_code="ALL", treated=900, treated_converted=90, control=100, control_converted=4,
        control_touched=2, difference=0.06, low=0.019, high=0.092,
    )  # fmt: skip
    closed = ClosedStorm(event_id="S", at=datetime(2026, 11, 1), by="ana")
    report = credited(tmp_path, WORKED)
    assert "held out" not in page(report, "storm")
    html = page(report.model_copy(update={"lifts": [lift], "closed": [closed]}), "storm")
    assert "+1.9 to +9.2" in html
    assert "closed on 2026-11-01: the published credits stand, none of them would change" in html
    assert [said for drawing in drawings(html) for said in outside(drawing)] == []


def test_personas_and_reps_are_shown_where_there_are_any(tmp_path: Path) -> None:
    report = credited(tmp_path, WORKED)
    assert "<h2>Personas" not in page(report, "storm") and "<h2>Reps" not in page(report, "storm")
    (whole, *zips), rows = report.areas, []
    for persona in (HOSTILE, None):
        rows.append({"persona": persona, "journeys": 1, "conversions": 1, "channels": whole["channels"]})
    rep = RepCredit(event_id="S", rep_id=HOSTILE, touches=3, conversions=1.25, value=4500.0)
    told = report.model_copy(update={"areas": [{**whole, "personas": rows}, *zips], "reps": [rep]})
    html = page(told, "storm")
    assert "<h2>Personas" in html and "not known" in html and "1.25" in html and "4,500" in html
    assert HOSTILE not in html and html.count(escape(HOSTILE, quote=False)) >= 2
    written = io.StringIO()
    show_credits(Console(file=written, width=80), told, None)
    assert "not known" in written.getvalue() and "4,500" in written.getvalue()
    assert max(map(len, written.getvalue().splitlines())) <= 80


def light_of(colour: Sequence[float]) -> float:
    """Relative luminance, as WCAG has it."""
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in colour]
    return sum(share * part for share, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_figures_are_read_on_the_darkest_cell(palette: dict[str, str]) -> None:
    ink, ours, paper = (
        [int(palette[name][at : at + 2], 16) / 255 for at in (1, 3, 5)] for name in ("ink", "ours", "paper")
    )
    (shade,) = map(float, re.findall(r'fill-opacity="([\d.]+)"', grid(["a"], ["b"], [[1.0]], "a grid")))
    cell = [shade * one + (1 - shade) * other for one, other in zip(ours, paper, strict=True)]
    darker, lighter = sorted((light_of(ink), light_of(cell)))
    assert (lighter + 0.05) / (darker + 0.05) >= 4.5
