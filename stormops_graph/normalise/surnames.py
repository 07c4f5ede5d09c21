"""Surnames that are other words as well.

Given names that many bear as a surname too: Thomas in second place is no sign that a name was written turned. Words of
businesses that are surnames beside a given name. Surnames that are no other one's plural.
"""

from __future__ import annotations

import re

_GIVEN_NAMES = """
aaron adam adrian alexander allen allison angel anthony arthur ashley austin benjamin bernard beverly bradley
bruce bryan cameron casey chang charles chen christian christopher clarence courtney craig curtis daniel dennis
douglas duane earl edgar eli felix florence frances francis francisco frank gabriel gary george gerald gilbert
glen glenn gordon grace gregory hannah harold hassan henry herbert holly howard hugo ibrahim isaac jack jacob
james jay jean jesse jin joe jordan joseph joyce julian keith kelly kim kirk kumar kyle lance lawrence leo leon
leonard leroy leslie lloyd louis lucas lynn madison mai manuel marcus martin mason matthew mei melvin mercedes
miranda mitchell mohamed mohammed morgan nathan neil nelson nicholas noah omar patrick paul peter philip phillip
ralph ramon randall raymond rene richard robin roger rosa rosario rose roy ruben russell ryan salvador sam
samuel santiago saul scott seth shannon shirley sierra spencer stacy stephen stuart terry theodore thomas todd
tomas tracy travis tyler vera victor vincent viola walter wayne wei xavier
"""

ALSO_SURNAMES = frozenset(_GIVEN_NAMES.split())
BUSINESS_SURNAMES = frozenset(("church", "hoa", "homes", "law"))
_ENDING_IN_S = """
adams adkins andrews atkins banks barnes barrios barros bates bliss bowles briggs brooks burgos burks burns burris
campos cardenas carlos cervantes chambers chavis childs christos collins combs contreras cortes crews cummings curtis
daniels davis dias dickens diggs dennis douglas downs edmonds edwards ellis ennis estes evans farias fields flores
forbes francis fuentes gates gibbs giles givens graves griggs haas hanks harris hastings hawkins hayes haynes hays
hicks hobbs hodges holmes hopkins hughes humphreys hutchins jacobs james jeffries jenkins jennings jones larios lewis
lucas lyons marcos marks mathews matias matthews mcadams mcginnis meeks mejias meyers mills moraes morales morris
mullins myers nichols nicholas norris nunes olivas owens palacios parks parsons paredes perkins peters phelps philips
phillips pires powers quinones raines ramos rawls reeves rees reyes reynolds rhodes richards riggs rios rivas robbins
roberts robles rodrigues rogers rojas rollins rosales rosas salinas sanders sands santos sears shields simmons sims
skaggs solis sparks starks stephens stevens stiles stokes sykes thomas torres travis tubbs vargas venegas villalobos
villegas walls walters waters watkins watts weeks wells wiggins wilkins wilks williams willis woods yates
"""
_ENDINGS = frozenset(_ENDING_IN_S.split())
_MANY = re.compile("[a-z]+(?:s|x|z|ch|sh)es")


def of_one(family: str) -> str:
    """The name of one of a family, written as one writes of all of them: the Smiths, the Joneses, but the Reyes."""
    if family in _ENDINGS or family.endswith("ss"):
        return family
    return family[:-2] if _MANY.fullmatch(family) else family.removesuffix("s")
