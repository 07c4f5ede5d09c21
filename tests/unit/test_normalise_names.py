"""Names: what each text means, by hand-worked cases."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stormops_graph.normalise.names import PART, NameReader
from stormops_graph.normalise.rules import read_feed_rules
from stormops_graph.normalise.surnames import ALSO_SURNAMES

FEEDS = read_feed_rules(Path(__file__).parents[2] / "matching_rules")
IDENTIFIERS = FEEDS.identifiers
NAMES = NameReader.of(IDENTIFIERS.name, FEEDS.nicknames)

REMARKS = (
    "nice lady", "very nice lady", "nice family", "young man", "hail dmg N slope", "hail on roof", "roof damage",
    "no answer", "wife said call back", "owner not home", "beware of dog", "dog!!", ", dog", "Lady w/ dog",
    "spanish only", "no habla ingles", "came back later", "NOT INTERESTED", "spoke w/ son", "son said come back",
    "left card", "call back Monday", "come back after 5", "renter - call owner", "didn't answer", "no one home",
    "kids only", "Ring doorbell", "dentist", "tel:+14695550123", "Do Not Call", "DO NOT SOLICIT", "Don’t knock",
    "Owner lives in California", "Owner hung up", "wife of John Smith", "Richard's wife", "Bob’s wife Mary",
)  # fmt: skip


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        ("cSMITH,JOHN", ("john", "smith")),
        ("cSMITH JOHN", ("john", "smith")),
        ("cSMITH JOHN Q", ("john", "smith")),
        ("cJOHN SMITH", ("john", "smith")),
        ("cJ SMITH", ("j", "smith")),
        ("cSMITH J", ("j", "smith")),
        ("cTHOMAS", (None, "thomas")),
        ("cBRAMTON PATRICI", ("patrici", "bramton")),
        ("cDE LA CRUZ MARIA", ("maria", "de la cruz")),
        ("cWIRELESS CALLER", (None, None)),
        ("cTOLL FREE CALL", (None, None)),
        ("cDALLAS       TX", (None, None)),
        ("cFORT WORTH TX", (None, None)),
        ("cKANSAS CITY MO", (None, None)),
        ("cSMITH ROOFING L", (None, None)),
        ("c2145551234", (None, None)),
        ("rJohn Q Smith Jr", ("john", "smith")),
        ("rMr Smith", (None, "smith")),
        ("rBilly", ("billy", None)),
        ("rMr Ray", (None, "ray")),
        ("rMrs. Mary Smith", ("mary", "smith")),
        ("rJoan", ("joan", None)),
        ("rMaria de la Cruz", ("maria", "de la cruz")),
        ("rAna Smith-Jones", ("ana", "smith-jones")),
        ("rJosé Peña", ("jose", "pena")),
        ("rSean O'Brien", ("sean", "obrien")),
        ("rJohn and Mary Smith", (None, "smith")),
        ("rJack Ma", ("jack", "ma")),
        ("rMr", (None, None)),
        ("rHomeowner", (None, None)),
        (f"pJohn{PART}Smith Jr", ("john", "smith")),
        (f"pJohn Q.{PART}de la Cruz", ("john", "de la cruz")),
        (f"pJohn & Mary{PART}Smith", (None, "smith")),
        (f"p{PART}Thomas", (None, "thomas")),
        (f"pJohn Smith{PART}", ("john", "smith")),
        (f"pBen{PART}Church", ("ben", "church")),
        (f"pAmy{PART}Lone Star Roofing LLC", (None, None)),
        (f"p{PART}", (None, None)),
        # As people write them: turned, two in one, with a remark.
        ("rSmith John", ("john", "smith")),
        ("rHunter Thomas", ("hunter", "thomas")),  # a surname as well
        ("rTran Ngoc", ("ngoc", "tran")),
        ("rMinh Ngoc", ("minh", "ngoc")),  # either may be the given name
        ("rSMITH, JOHN & MARY", (None, "smith")),
        ("rSmith John & Mary", (None, "smith")),
        ("rJOHN/MARY SMITH", (None, "smith")),
        ("rJohn + Mary Smith", (None, "smith")),
        ("rJohn Smith & Mary Smith", (None, "smith")),
        ("rJohn Smith and Mary Jones", ("john", "smith")),
        ("rMr. & Mrs. John Smith", (None, "smith")),
        ("rJohn & Mary", (None, None)),
        ("rThe Smith Family", (None, "smith")),
        ("rSmith Residence", (None, "smith")),
        ("rJohn Smith et al", ("john", "smith")),
        ("rJohn Smith (tenant)", ("john", "smith")),
        ("rJohn Smith - owner", ("john", "smith")),
        ("rJohn Smith c/o Mary Jones", ("john", "smith")),
        ("rRobert (Bob) Smith", ("robert", "smith")),
        ("rJ.R. Smith", ("j", "smith")),
        ("rJ.Smith", ("j", "smith")),
        ("cSMITH JOHN & MA", (None, "smith")),
        ("cSTATE FARM", (None, None)),
        ("cBAYLOR SCOTT W", (None, None)),
        ("cKUMAR NISHA", ("nisha", "kumar")),
        ("cTHOMAS MARY", ("mary", "thomas")),
        ("cMARY THOMAS", ("mary", "thomas")),
        ("cQUILLFORD BRIX", ("brix", "quillford")),  # capitals are a carrier's: surname first
        ("cBrix Quillford", ("brix", "quillford")),
        ("cAUSTIN TX", (None, None)),
        ("cJOHN MA", ("john", "ma")),
        ("cTX,PLANO", (None, None)),
        ("cFORT WORTH, TX", (None, None)),
        ("cMA,JOHN", ("john", "ma")),  # a surname as well as a state
        ("cCALLER,WIRELESS", (None, None)),
        ("cRICARDO LAW", ("ricardo", "law")),
        ("cLAW RICARDO", ("ricardo", "law")),
        ("cMIA HOA", ("mia", "hoa")),
        ("cHOA NGUYEN", ("hoa", "nguyen")),
        ("rMargaret Church", ("margaret", "church")),
        ("rGrace Church", (None, None)),
        ("cSMITH LAW", (None, None)),
        (f"pMaria{PART}Garcia - DO NOT CALL", ("maria", "garcia")),
        (f"pMaria{PART}Garcia (spouse)", ("maria", "garcia")),
        ("rGarcia - DNC", (None, "garcia")),
        (f"pJosÃ©{PART}NuÃ±ez", ("jose", "nunez")),
        (f"pJosÃ©{PART}Peña", ("jose", "pena")),
        (f"pNguyen{PART}Van Minh", ("minh", "nguyen")),
        (f"pMinh{PART}Van Nguyen", ("minh", "van nguyen")),
        ("rNguyen Thi Linh", ("linh", "nguyen")),
        ("rThe Smiths", (None, "smith")),
        ("rThe Joneses", (None, "jones")),
        ("rThe Reyes", (None, "reyes")),
        (f"pThe{PART}Smiths", (None, "smith")),
        (f"p{PART}The Smiths", (None, "smith")),
        ("rMary Smiths", ("mary", "smiths")),
        (f"pAnne-Marie{PART}Smith", ("anne", "smith")),
        (f"pAnne Marie{PART}Smith", ("anne", "smith")),
        (f"pAnneMarie{PART}Smith", ("anne", "smith")),
        (f"pRosemary{PART}Smith", ("rosemary", "smith")),
        (f"pSMITH{PART}JOHN", ("john", "smith")),
        (f"pJames{PART}John", ("james", "john")),  # both are given names
        (f"pJ{PART}John", ("j", "john")),
        (f"pJohn/Mary{PART}Smith", (None, "smith")),
        (f"pMary{PART}Smith & Jones", ("mary", "smith")),
        (f"pJohn{PART}John Smith", ("john", "smith")),
        (f"pJ.P.{PART}Smith", ("j", "smith")),
        (f"pJohn{PART}N/A", ("john", None)),
        (f"pUnknown{PART}Smith", (None, "smith")),
        (f"pBob (Robert){PART}Smith (spouse)", ("bob", "smith")),
        ("rSean O Brien", ("sean", "obrien")),
        ("rSean O. Kelly", ("sean", "kelly")),  # a middle name's initial
        ("rO Brien", (None, "obrien")),
        ("cO BRIEN SEAN", ("sean", "obrien")),
        (f"pSean{PART}O Brien", ("sean", "obrien")),
        ("rJohn Mc Donald", ("john", "mcdonald")),
        ("cMC DONALD JOHN", ("john", "mcdonald")),
        ("rJohn Mac Donald", ("john", "mac donald")),
        ("rMaria DeLa Cruz", ("maria", "dela cruz")),
        ("rDe Leon Maria", ("maria", "de leon")),
        ("rDe la Cruz", (None, "de la cruz")),
        ("rVan Morrison", ("van", "morrison")),
        ("rJames Saint John", ("james", "st john")),
        (f"pJames{PART}St. John", ("james", "st john")),
        ("cST JOHN JAMES", ("james", "st john")),
        ("rEstate of John Smith", (None, "smith")),
        (f"pEstate of John{PART}Smith", (None, "smith")),
        ("rSmith Family Trust", (None, None)),
        ("rCurrent Occupant", (None, None)),
        ("rOwner/Occupant", (None, None)),
        ("rDid not give name", (None, None)),
        ("rN A", (None, None)),
        (f"pHomeowner{PART}Smith", (None, "smith")),
        ("rSmith, Mrs.", (None, "smith")),
        ("rSmith, Will", ("will", "smith")),
        ("rJohn Smith 3rd", ("john", "smith")),
        ("rLt. Col. John Smith", ("john", "smith")),
        ("rJohn Smith - call after 5", ("john", "smith")),
        ("cBINGHAM BARRY", ("barry", "bingham")),
        ("rHunter Barry", ("hunter", "barry")),
        # What canvassers write where a name goes, or behind it.
        *((f"r{remark}", (None, None)) for remark in REMARKS),
        ("cHOME INSPECTION", (None, None)),
        (f"pNo name{PART}left card", (None, None)),
        (f"pNice{PART}Lady", (None, None)),
        (f"pLeft{PART}Card", (None, None)),
        (f"pDo{PART}Not Call", (None, None)),
        ("rGarcia call back", (None, "garcia")),
        ("rRebecca Nelson left card", ("rebecca", "nelson")),
        ("rPepe Hernandez - spanish only", ("pepe", "hernandez")),
        ("rSmith, John - dog in yard", ("john", "smith")),
        ("rSmith, John dog in yard", ("john", "smith")),
        ("rSmith - CALL AFTER 5, Nancy", ("nancy", "smith")),
        ("rOwner: John Smith", ("john", "smith")),
        ("rJohn Smith - hail 1.75", ("john", "smith")),
        ("r, Elizabeth Leon", ("elizabeth", "leon")),
        ("rJohn Smith and wife Mary", ("john", "smith")),
        ("rJohn Smith & his wife Mary", ("john", "smith")),
        ("rJohn Smith with Mary Smith", ("john", "smith")),
        ("rJohn Smith, wife Mary", ("john", "smith")),
        ("rJohn Smith&wife", ("john", "smith")),
        ("rJOHN&MARY SMITH", (None, "smith")),
        ("rSmith, John and wife Mary", ("john", "smith")),
        ("rMaria esposa de Juan Garcia", ("maria", None)),
        # Two people, of whom the name may be either's.
        ("rJohn and wife Mary Smith", (None, "smith")),
        ("rMary and her husband John Smith", (None, "smith")),
        ("rJuan y su esposa Maria Garcia", (None, "garcia")),
        ("rJohn Q & Mary A Smith", (None, "smith")),
        ("rSMITH JOHN Q & MARY A", (None, "smith")),
        ("rJohn Q Smith & Mary A Jones", ("john", "smith")),
        ("rDrs. John and Mary Smith", (None, "smith")),
        ("rJohn Smith, Mary Smith", (None, "smith")),
        ("rJohn Smith, and Mary", (None, "smith")),
        ("rJohn, Mary Smith", (None, "smith")),
        ("rJohn, Mary and Ann Smith", (None, "smith")),
        ("rThomas, Mary Smith", ("mary", "thomas")),  # a surname as well
        ("rGarcia Lopez, Maria Elena", ("maria", "garcia lopez")),
        ("rJohn or Mary Smith", (None, "smith")),
        ("rJohn Smith or current resident", ("john", "smith")),
        ("rSMITH JOHN ETUX MARY", ("john", "smith")),
        ("rSmith, Mary et vir John", ("mary", "smith")),
        (f"pJohn{PART}and Mary Smith", (None, "smith")),
        (f"pJohn and{PART}Mary Smith", (None, "smith")),
        (f"pJohn or Mary{PART}Smith", (None, "smith")),
        (f"pJohn, Mary{PART}Smith", (None, "smith")),
        (f"pJohn, Q{PART}Smith", ("john", "smith")),
        ("cSMITH JOHN/MARY", (None, "smith")),
        ("cSMITH/JOHN", ("john", "smith")),
        ("rGarcia call back Monday", (None, "garcia")),
        ("rGarcia do not solicit", (None, "garcia")),
        ("rDo not call - Garcia", (None, "garcia")),
        ("rOwner J Smith", (None, "smith")),
        ("rOwner John A Smith", ("john", "smith")),
        ("rHomeowner Mary Garcia", ("mary", "garcia")),
        ("rNew owner Garcia", (None, "garcia")),
        ("rWidow Smith", (None, "smith")),
        ("rnice lady Garcia", (None, "garcia")),
        ("rspoke with owner John Smith", ("john", "smith")),
        ("cOWNER SMITH JOHN", ("john", "smith")),
        (f"pMaria{PART}Garcia spanish only", ("maria", "garcia")),
        # Names all the same.
        ("rLady", (None, None)),
        ("rMary Hail", ("mary", "hail")),
        ("rHail", (None, "hail")),
        ("rJohn Roof", ("john", "roof")),
        ("rMr. Call", (None, "call")),
        ("rWill Call", ("will", "call")),
        ("rDoris Day", ("doris", "day")),
        ("rLady Garcia", ("lady", "garcia")),
        ("rTenant Mary Garcia", ("tenant", "garcia")),
        ("rMinh Do", ("minh", "do")),
        ("rMary Day House", ("mary", "house")),
        ("rMrs. Day Call", ("day", "call")),
        ("rTuesday Weld", ("tuesday", "weld")),
        ("rSunday Monday", ("sunday", "monday")),
        ("rMohamed Said Said", ("mohamed", "said")),
        ("rSay Her", ("say", "her")),
        ("rSohrab Contractor", ("sohrab", "contractor")),
        ("rJohn Good Call", ("john", None)),  # what two such words behind a name are, nobody knows
        ("rNice, John", ("john", "nice")),
        ("rJohn Noble", ("john", "noble")),
        ("cCARD JAMES", ("james", "card")),
        ("cGREENWELL THERE", ("there", "greenwell")),  # Theresa, cut off
        # Letters that are no Latin ones, or none with a mark.
        (f"pĐức{PART}Đặng", ("duc", "dang")),
        ("rŁukasz Sørensen", ("lukasz", "sorensen")),
        ("rCruz 🏠", (None, "cruz")),
        (f"pАлександр{PART}Солженицын", ("aleksandr", "solzhenitsyn")),
        (f"p小明{PART}王", ("xiao", "wang")),
        ("rKim In He", ("kim", "he")),
        ("rSon To", ("son", "to")),
    ],
)
def test_names(raw: str, name: tuple[str | None, str | None]) -> None:
    assert NAMES.read(raw)[:2] == name


def test_no_word_of_a_remark_is_a_given_name() -> None:
    lists = IDENTIFIERS.name
    names = {*lists.given, *FEEDS.nicknames, *FEEDS.nicknames.values()} | ALSO_SURNAMES
    assert names.isdisjoint(lists.remark + lists.beside_remark)


@pytest.mark.parametrize(
    ("raw", "business"),
    [
        ("cLONE STAR DENTA", "lone"),  # carriers cut at fifteen letters
        ("cPARK CITIES BAN", "park"),
        ("cCHRISTOPHER BAN", None),
        ("cEISENHOWER MARK", None),
        ("cALAMO HOME MARK", "alamo"),
        ("cACME LLC", "acme"),
        ("cROWKINS SERV", "rowkins"),
        ("cJPMORGAN CHASE", "jpmorgan"),
        ("cCITY OF DALLAS", "city"),
        ("cKANSAS CITY MO", None),
        ("cOKLAHOMA CITY O", None),
        ("cSMITH JOHN", None),
        ("cSMITH", None),
        ("cHENDERSON SERVA", None),  # could be anybody's name
        ("cRICARDO LAW", None),
        ("cLAW RICARDO", None),
        ("cMARGARET CHURCH", None),
        ("cHOA NGUYEN", None),
        ("cGRACE CHURCH", "grace"),
        ("cOAKWOOD HOA", "oakwood"),
        ("cSMITH LAW", "smith"),
        ("cAUSTIN ROOFING", "austin"),  # a given name, but a word that nobody is called by
        ("cRICARDO LAW LLC", "ricardo"),
        ("rACME LLC", None),  # a resident is not called from
    ],
)
def test_a_caller_that_is_a_business(raw: str, business: str | None) -> None:
    assert NAMES.read(raw)[2] == business


@given(st.text(max_size=400))
def test_no_text_breaks_a_name(text: str) -> None:
    for source in ("c", "r", f"p{PART}"):
        given_name, surname, *_ = NAMES.read(source + text)
        assert given_name != "" and surname != ""


def test_what_is_far_too_long_is_nothing() -> None:
    assert NAMES.read("c" + "A " * 1_000_000) == (None, None, None, None)


@pytest.mark.parametrize(
    ("raw", "suffix"),
    [
        (f"pJohn{PART}Smith Sr.", "sr"),
        (f"pJohn{PART}Smith, Jr", "jr"),
        (f"pJohn Jr{PART}Smith", "jr"),
        ("rSmith Jr., John", "jr"),
        ("rSmith, Jr., John", "jr"),
        ("rJohn Smith II", "jr"),  # the second of the name
        ("rJohn Smith III", "iii"),
        ("cSMITH JOHN IV", "iv"),
        ("cSMITH JR JOHN", "jr"),
        ("rJohn Smith", None),
        ("rSr. Juan Garcia", None),  # a title
        ("rGarcia, Sr. Juan", None),
        ("rMr Smith Jr", None),  # of whom nobody knows the given name
        ("rJohn Smith Sr & John Smith Jr", None),
        ("rJohn Smith V", None),  # as likely an initial
        ("cSMITH ROOFING II", None),
    ],
)
def test_which_bearer_of_a_name_is_meant(raw: str, suffix: str | None) -> None:
    assert NAMES.read(raw)[3] == suffix
