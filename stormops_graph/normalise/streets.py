"""Words of street addresses in their short forms (USPS Publication 28: suffixes and directionals)."""

from __future__ import annotations

_SUFFIXES = """
aly alley allee ally|anx annex anex|arc arcade|ave avenue av aven avenu avn avnue|bch beach|bg burg
blf bluff|blfs bluffs|blvd boulevard boul boulv bl|bnd bend|br branch brnch|brg bridge brdge|brk brook
btm bottom bot bottm|byp bypass bypa bypas byps|byu bayou|cir circle circ circl crcl crcle|cirs circles
clb club|clf cliff|clfs cliffs|cmn common|cor corner|cors corners|cp camp cmp|cpe cape|crk creek
cres crescent crsent crsnt|crse course|crst crest|cswy causeway causwa|ct court crt
ctr center cent centr centre cnter cntr|cts courts|cv cove|cvs coves|cyn canyon canyn|dl dale|dm dam
dr drive driv drv|drs drives|dv divide div|est estate|ests estates|expy expressway exp expr express
ext extension extn extnsn|fall|falls fls|fld field|flds fields|flt flat|flts flats|frd ford|frg forge
frk fork|frst forest|fry ferry|ft fort frt|fwy freeway freewy frway frwy|gdn garden gardn grden
gdns gardens|gln glen|grn green|grv grove grov|gtwy gateway gatewy gatway|hbr harbor harb harbour|hl hill
hls hills|holw hollow hllw hollows|hts heights ht|hvn haven|hwy highway highwy hiway hiwy hway|inlt inlet
is island islnd|isle isles|jct junction jction jctn juncton|knl knoll knol|knls knolls|ky key|lck lock
ldg lodge ldge lodg|lgt light|lk lake|lks lakes|ln lane la|lndg landing lndng|loop loops|mall|mdw meadow
mdws meadows medows|ml mill|mls mills|mnr manor|mt mount mnt|mtn mountain mntain|mtwy motorway|nck neck
orch orchard orchrd|oval ovl|park prk parks|pass|path paths|pike pikes
pkwy parkway parkwy pkway pky parkways|pl place|pln plain|plns plains|plz plaza plza|pne pine|pnes pines
pr prairie prr|prt port|pt point|pts points|radl radial|ramp|rd road|rdg ridge rdge|rdgs ridges|rds roads
riv river rvr|rnch ranch ranches|row|rst rest|rte route|rue|run|shl shoal|shr shore shoar|shrs shores
skwy skyway|smt summit sumit|spg spring spng|spgs springs|spur spurs|sq square sqr sqre squ|sqs squares
st street strt str|sta station statn stn|strm stream|ter terrace terr|tpke turnpike trnpk
trak track tracks trk|trce trace traces|trl trail trails trls tr|trwy throughway|tunl tunnel|un union
via viaduct|vis vista vist vst|vl ville|vlg village vill|vly valley vally vlly|vw view|vws views
walk walks|way wy|wl well|wls wells|xing crossing crssng|xrd crossroad|fm|cr|sh
"""
_DIRECTIONS = "n north|s south|e east|w west|ne northeast|nw northwest|se southeast|sw southwest"
_ORDINALS = (
    "1st first|2nd second|3rd third|4th fourth|5th fifth|6th sixth|7th seventh|8th eighth|9th ninth|10th tenth"
    "|11th eleventh|12th twelfth"
)
_NAME_WORDS = "st saint|mt mount|ft fort"


def _short_forms(text: str) -> dict[str, str]:
    forms: dict[str, str] = {}
    for group in text.replace("\n", "|").split("|"):
        for form in group.split():
            forms.setdefault(form, group.split()[0])
    return forms


SUFFIXES = _short_forms(_SUFFIXES)
DIRECTIONS = _short_forms(_DIRECTIONS)
NAME_WORDS = _short_forms(_ORDINALS + "|" + _NAME_WORDS)
