"""What a person is called: as the records write it, not by what the name is short for."""

from __future__ import annotations

from pathlib import Path

from small_town import resolve, resolved, write


def test_a_person_is_called_as_most_of_the_records_write_it(tmp_path: Path) -> None:
    cards = [
        f"{n},{given},Okonkwo,903-538-1126,toko@mail.com,12 Elm St,75201,2024-03-0{n}"
        for n, given in enumerate(("Theresa", "Terry", "T"), 1)
    ]
    called = "SELECT given, surname FROM person"
    with resolved(tmp_path, crm_contacts=cards) as con:
        assert con.execute(called).fetchall() == [("terry", "okonkwo")]  # of as many, the first by letters
        write(tmp_path, crm_contacts=[*cards, cards[0].replace("1,", "4,", 1)])
        resolve(con, tmp_path)
        assert con.execute(called).fetchall() == [("theresa", "okonkwo")]
        write(tmp_path, crm_contacts=[card.replace("Theresa", "Teresa") for card in cards[:1]])
        resolve(con, tmp_path)
        assert con.execute(called).fetchall() == [("teresa", "okonkwo")]
