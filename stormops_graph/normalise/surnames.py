"""Surnames that are other words as well.

Given names that many bear as a surname too: Thomas in second place is no sign that a name was written turned. Words of
businesses that are surnames beside a given name. Surnames that are no other one's plural.
"""

from __future__ import annotations

import re

_GIVEN_NAMES = """
aaron abbas abdul abdullah abel abraham adam adan adrian agustin ahmad alba alexander alfonso ali allen allison
alonzo amado amos andres angel angelo anselmo anthony antoine anwar archie arthur ashley august augustine austin
baltazar barry bashir benito benjamin bernard bernardo berta beverly blaine bradley brant bruce bryan cameron
carlton cary casey cassidy chang charles chen chester chi chong christian christie christopher christy clarence
clayton clifford clifton clinton cody concepcion corey cornelius courtney coy craig cristobal curtis dale dallas
damon daniel dao darnell dean dennis dewey dexter diego diep dinh dion domingo donnell dorris douglas drew duane
earl earle earnest edgar edmond eli elia elias elliot emanuel ervin esteban eusebio everett fabian fang faris fay
federico felix feng fermin flor flora florence floyd forest forrest frances francis francisco frank frederick
gabriel gale gary gavin george gerald gerard gilbert glen glenn gordon grace gregg gregorio gregory grover guo guy
habib hailey hang hannah harlan harley harold harsh hassan henry herbert herman hoa holly homer hope howard hua
hubert hugo hui hung hussain ibrahim irvin irving isaac ismail israel ivory ivy jacinto jack jacob james jasper jay
jean jesse jewell jiang jin joe jordan joseph joy joyce julian jun karim kay kaye keith kelly kelsey kenny kent kim
kirk kumar kyle lacey lamar lance landon lawrence lazaro lea lei leigh leo leon leonard leonardo leroy leslie lester
levi lien lindsay lindsey ling lloyd lorenzo louis lowell lucas lucia luciano luke luther lyle lynn ma mackenzie
madison mahmood mahmoud mai malcolm malik mallory mansour manuel marcus marquis martin mason matthew mauricio mei
melchor melvin mercedes meredith millard milton min ming miranda mitchell mohamed mohammad mohammed mohan morgan
mustafa nam nathan natividad neil nelson nestor nicholas nicolas noah noe noel norman olive omar orlando otis otto
pascual patricio patrick paul peng penny pepe peter peyton philip phillip phung ping prasad quan ralph ramon randall
rashid ray raymond reina rene rhea richard robin roderick roger rohan roland romeo rosa rosario rose roy ruben
rudolph russell ryan saad said salem salvador sam samuel santiago saul scott sebastian seth shannon shelby sheldon
shelley shirley sierra silvestre silvia simone son soo spencer stacy stanley stephen stuart sun sung sylvester tai
tao terry theodore thomas todd tomas tracy travis trinh trinidad tung tyler van vera vernon vicente victor vincent
viola vuong walter wayne wei wen wesley whitney wilbur will willard xavier yan yen yong yuan yun zacarias
"""

ALSO_SURNAMES = frozenset(_GIVEN_NAMES.split())
BUSINESS_SURNAMES = frozenset(("church", "hoa", "homes", "law"))
# Whom an O before means to be one of, and no middle name.
IRISH = (
    "brien|bryan|callaghan|conner|connor|donnell|dwyer|flaherty|grady|hara|keefe|keeffe|leary|loughlin|malley|mara|meara"
    "|neal|neil|neill|rourke|shea|toole"
)
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
