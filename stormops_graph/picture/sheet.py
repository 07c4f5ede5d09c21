"""A household's picture as a file: an SVG or PNG of all of it, or a page with tables of the same beside it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from stormops_graph.chances import percent
from stormops_graph.counts import counted
from stormops_graph.errors import InputError, Mistyped
from stormops_graph.pages.document import SIMULATED, check_page, document, section, table, write_page
from stormops_graph.pages.drawing import escaped, svg
from stormops_graph.pages.pictures import Picture, alone, check_pictures, write_pictures
from stormops_graph.picture.household import WIDE, Drawing, dated, household_drawing, tie_said
from stormops_graph.picture.journey import journey_drawing
from stormops_graph.picture.subject import Subject
from stormops_graph.services.private_file import write_private

FORMS = (".svg", ".html", ".png")
_GAP = 22
_LEGEND = (
    "An arc is evidence that two records belong together, as wide as it weighs: blue holds them together, grey adds to "
    "it, the dashed red one is the weakest that holds. Dashed boxes are of the past, or shared with strangers. "
    "A dot is a touch, as large as what it earned by the published model."
)


def check_form(file: Path) -> None:
    """Raise InputError where no picture could be written to the file."""
    if file.suffix not in FORMS:
        raise Mistyped(f"{file.name} is none of {', '.join(FORMS)}", "end the picture's name in one of them")
    if not file.parent.is_dir():
        raise InputError(f"{file} cannot be written: {file.parent} is no folder", "name a folder that exists")
    if file.suffix == ".png":
        check_pictures(file.parent)


def write_sheet(file: Path, subject: Subject, *, simulated: bool) -> None:
    """Write the picture in the form that the file's name says, for its owner's eyes only; raises InputError."""
    check_form(file)
    if file.suffix == ".html":
        check_page(file)
        write_page(file, page(subject, simulated=simulated))
        return
    said = _said(subject) + (". Simulated data." if simulated else "")
    picture = Picture(whole(subject), f"Household {subject.household_id}", said)
    if file.suffix == ".png":
        write_pictures(file.parent, {file.stem: picture})
        return
    try:
        write_private(file, alone(picture))
    except OSError as error:
        raise InputError(f"{file} cannot be written: {error.strerror}", "name a folder of yours") from error


def whole(subject: Subject) -> str:
    """Household and journeys in one drawing."""
    return _stacked([household_drawing(subject), *map(journey_drawing, subject.ways)], _said(subject))


def page(subject: Subject, *, simulated: bool) -> str:
    """The drawings on a page, each with its table."""
    parts = [SIMULATED] if simulated else []
    parts.append(f"<p>{escaped(_said(subject))}.</p>")
    drawn = _stacked([household_drawing(subject)], _said(subject))
    parts.append(section("The household", f"<div class='wide'>{drawn}</div>", f"<p class='fine'>{_LEGEND}</p>"))
    if subject.ways:
        drawn = _stacked(list(map(journey_drawing, subject.ways)), "journeys")
        touches = table(("At, UTC", "Storm", "Channel", "Play", "Credit"), _touches(subject), kind="words")
        parts.append(section("Its journeys", f"<div class='wide'>{drawn}</div>", touches))
    parts.append(
        section("Its records", table(("Record", "Person", "Seen", "Belongs"), _records(subject), kind="words"))
    )
    if subject.ties:
        parts.append(
            section("Why they are together", table(("Records", "", "Evidence"), _evidence(subject), kind="words"))
        )
    return document(f"Household {subject.household_id}", parts)


def _stacked(drawings: Sequence[Drawing], label: str) -> str:
    """Drawings one below the other."""
    parts, top = [], 4.0
    for shapes, high in drawings:
        parts.append(f'<g transform="translate(0 {top:.1f})">{"".join(shapes)}</g>')
        top += high + _GAP
    return svg(WIDE + 1, top - _GAP + 8, parts, label)  # the border of what ends at the edge


def _said(subject: Subject) -> str:
    persons = {one.person for one in subject.records} - {None}
    figures = (
        (len(persons), "person"),
        (len(subject.records) + subject.left_out, "record"),
        (len(subject.ways), "journey"),
    )
    said = ", ".join(counted(number, word) for number, word in figures)
    weakest = subject.weakest
    return f"{said}; the weakest bridge is {tie_said(weakest)}" if weakest else said


def _records(subject: Subject) -> Iterator[Sequence[str]]:
    for one in subject.records:
        days = dict.fromkeys(f"{time:%Y-%m-%d}" for time in (one.seen.start, one.seen.end) if time)
        yield escaped(one.key), escaped(one.name or "–"), " – ".join(days), dated(one.time) or "always"


def _evidence(subject: Subject) -> Iterator[Sequence[str]]:
    for tie in sorted(subject.ties, key=lambda tie: (not tie.spans, tie.weight, tie.left, tie.right)):
        mark = "weakest bridge" if tie is subject.weakest else "holds" if tie.spans else ""
        yield f"{escaped(tie.left)}<br>{escaped(tie.right)}", mark, escaped(tie_said(tie))


def _touches(subject: Subject) -> Iterator[Sequence[str]]:
    for way in subject.ways:
        for step in way.touches:
            said = (way.event_id, step.channel, step.play or "–", percent(step.credit))
            yield f"{step.at:%Y-%m-%d %H:%M}", *map(escaped, said)
