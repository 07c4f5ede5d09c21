"""Surnames that are other words as well.

Given names that many bear as a surname too: Thomas in second place is no sign that a name was written turned. Words of
businesses that are surnames beside a given name.
"""

from __future__ import annotations

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
