"""A second kind of storm world, to judge linking by: other people, other slips, another company than `simulate` has.

    python benchmarks/worlds/world.py FOLDER [--households 2000] [--seed 1] [--noise 1.0] [--habits hasty]

People come from pseudopeople's sample census. Shares were set by what exact identifiers with union-find find alone,
towards precision .89, F1 .66, B-cubed .77, and 1.0, .79, .84 without noise; of the feeds' rows at their homes: contacts
.79, knocks .74, claims .85, calls .54, texts .45, emails .40, cookies .15. `--habits hasty --noise 0.85` comes
nearest to that, by feed as well; `tidy --noise 0.9` leaves more flats without their number, `loose` has less to go by.
Nothing here knows the matching rules or the simulator.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
import sys
from pathlib import Path

from company import EVENT, HABITS, Company, Habits, Row
from town import PERSONAS, STORM, Town

sys.path.insert(0, str(Path(__file__).parents[1]))
from foreign_data import fetch


def properties(town: Town) -> list[Row]:
    """The county's list of homes, scored."""
    return [
        {
            "property_id": home.property_id,
            "address": f"{home.number} {home.street} {home.kind}".upper() + (f" UNIT {home.unit}" if home.unit else ""),
            "city": "KANSAS CITY",
            "state": "MO",
            "zip_code": home.zip_code,
            "estimated_value": home.value,
            "square_footage": home.area,
            "property_age": STORM.year - home.year,
            "primary_persona": town.dice.choice(PERSONAS),
            "sii_score": town.dice.randrange(40, 120),
        }
        for home in town.homes
    ]


def stays(town: Town) -> list[Row]:
    """Which home was whose, and when."""
    rows = []
    for household in town.households:
        moved = household.moved.isoformat() if household.moved else ""
        bounds = [("", moved), (moved, "")]
        for home, (start, end) in zip(household.homes, bounds, strict=False):
            rows.append(
                {"household_id": household.household_id, "property_id": home.property_id, "from": start, "to": end}
            )
    return rows


def write_csv(file: Path, rows: list[Row]) -> None:
    columns = list(dict.fromkeys(column for row in rows for column in row))
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, columns, restval="")
        writer.writeheader()
        writer.writerows(rows)


def write_world(folder: Path, households: int, seed: int, noise: float, habits: Habits) -> None:
    """Feeds and truth of one world; the same arguments give the same bytes."""
    town = Town(fetch("census"), households, random.Random(seed))
    company = Company(town, noise, habits)
    company.write()
    (folder / "truth").mkdir(parents=True, exist_ok=True)
    visits = company.rows.pop("ga4_events")
    (folder / "ga4_events.jsonl").write_text("".join(json.dumps(visit) + "\n" for visit in visits))
    for feed, rows in company.rows.items():
        town.dice.shuffle(rows)
        write_csv(folder / f"{feed}.csv", rows)
    write_csv(folder / "properties.csv", properties(town))
    zips = " ".join(sorted({home.zip_code for home in town.homes}))
    write_csv(
        folder / "storms.csv", [{"event_id": EVENT, "name": "Hail", "started_at": STORM.isoformat(), "zip_codes": zips}]
    )
    labels = [
        {"feed": feed, "record_id": record, "household_id": household, "person_id": person}
        for (feed, record), (household, person) in company.truth.items()
    ]
    write_csv(folder / "truth" / "records.csv", labels)
    write_csv(folder / "truth" / "households.csv", stays(town))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--households", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--noise", type=float, default=1.0, help="0: everything is written as it is")
    parser.add_argument("--habits", choices=HABITS, default="loose", help="of the company and its customers")
    asked = parser.parse_args()
    write_world(asked.folder, asked.households, asked.seed, asked.noise, HABITS[asked.habits])


if __name__ == "__main__":
    main()
