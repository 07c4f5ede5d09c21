"""Whose an anonymous cookie is: the listed homes, weighed by where, value, year, floor area and touches at the time.

P(home | visit) ∝ prior(home) × Π fit(level)/share(level): fit is how often a visitor shows that level of agreement
with the home he lives in (session.toml), share how many homes of the market agree so with what he shows. A missing
feature says nothing. Homes that come near in too little (`_PAIRS`), and those not listed, are weighed as a whole.
Invariant: masses are summed as whole numbers, so that no order of rows or threads shows.
"""

from __future__ import annotations

from stormops_graph.carryover import open_tables, renewed, told
from stormops_graph.link.visitors import know_visitors, share_listed
from stormops_graph.link.visits import find_due_cookies, find_touched, keep_visits
from stormops_graph.rules.ruleset import SessionRules
from stormops_graph.tables import CANDIDATE, RECORD_NEWS, Connection, Table

_TIED = 0.5  # how probable one household must be for a tie to lead a cookie to an address
_WEIGHED_TABLE = Table("session_weighed", {"feature": "UHUGEINT", "property_id": "VARCHAR", "probability": "DOUBLE"})
_WEIGHED_FEATURE = Table("weighed_feature", {"feature": "UHUGEINT"})
_TIME_TELLS = 10  # homes so many times less likely than a candidate are kept until time has been weighed

_HOMELESS = """
CREATE OR REPLACE TEMP TABLE cookie_homeless AS
SELECT record, zip5, t.city, living,
       TRY_CAST(regexp_extract(home_value_band, '^([0-9]+)k$', 1) AS DOUBLE) * 1000 AS band,
       $listed_in - year_built AS age, CASE WHEN square_footage > 0 THEN square_footage END AS area
FROM (FROM record WHERE cookie IS NOT NULL AND (year_built IS NOT NULL OR square_footage IS NOT NULL)) AS r
LEFT JOIN visitor_city t ON t.city = r.city AND zip5 IS NULL ANTI JOIN record_home USING (record)
"""
# What leads a cookie to an address, its own or in two steps of shared identifiers and names, tells more than this. The
# second step is asked of those alone that the first does not lead there.
_LED = (
    """
CREATE OR REPLACE TEMP TABLE cookie_tie AS
SELECT left_id AS record, right_id AS other FROM pair_kind SEMI JOIN cookie_homeless ON record = left_id
WHERE household_probability >= $tied
UNION ALL SELECT right_id, left_id FROM pair_kind SEMI JOIN cookie_homeless ON record = right_id
WHERE household_probability >= $tied
""",
    "CREATE OR REPLACE TEMP TABLE cookie_led AS SELECT DISTINCT record FROM cookie_tie"
    " SEMI JOIN record_home h ON h.record = other",
    "CREATE OR REPLACE TEMP TABLE cookie_open AS FROM cookie_tie ANTI JOIN cookie_led USING (record)",
    """
INSERT INTO cookie_led
SELECT DISTINCT record FROM (
    SELECT record, right_id AS farther FROM cookie_open JOIN pair_kind ON left_id = other
    WHERE household_probability >= $tied
    UNION ALL SELECT record, left_id FROM cookie_open JOIN pair_kind ON right_id = other
    WHERE household_probability >= $tied
) SEMI JOIN record_home h ON h.record = farther
""",
    """
CREATE OR REPLACE TEMP TABLE session_cookie AS
SELECT *, (hash(zip5, city, living, band, age, area)::UHUGEINT << 64) | hash(area, age, band, living, city, zip5)
       AS feature
FROM cookie_homeless ANTI JOIN cookie_led USING (record)
""",
)

_BAND_RATIOS = """
CREATE OR REPLACE TEMP TABLE session_band AS
WITH level AS (
    SELECT band, count(value) AS homes,
           count(*) FILTER (value >= band AND value < band + $width) AS fits,
           count(*) FILTER (value >= band - $width AND value < band + 2 * $width) AS close
    FROM (SELECT DISTINCT band FROM session_due WHERE band IS NOT NULL), session_home GROUP BY band
)
SELECT band, $fits * homes / nullif(fits, 0) AS fits, $near * homes / nullif(close - fits, 0) AS near,
       (1 - $fits - $near) * homes / nullif(homes - close, 0) AS off
FROM level
"""

_AGE_RATIOS = """
CREATE OR REPLACE TEMP TABLE session_age AS
WITH told AS (SELECT DISTINCT age FROM session_due WHERE age IS NOT NULL),
listed AS (SELECT age, count(*) AS homes FROM session_home WHERE age IS NOT NULL GROUP BY age),
level AS (
    SELECT t.age, sum(homes) AS homes, coalesce(sum(homes) FILTER (h.age = t.age), 0) AS fits,
           coalesce(sum(homes) FILTER (abs(h.age - t.age) <= $near_within), 0) AS close
    FROM told t, listed h GROUP BY t.age
)
SELECT age, $fits * homes / nullif(fits, 0) AS fits, $near * homes / nullif(close - fits, 0) AS near,
       (1 - $fits - $near) * homes / nullif(homes - close, 0) AS off
FROM level
"""

# How many homes have exactly some area is too few to count: the others that have it, and what the nearer ones expect.
_AREA_RATIOS = """
CREATE OR REPLACE TEMP TABLE session_area AS
WITH told AS (
    SELECT area, area % $round_to = 0 AS is_round, $near_within_share * area AS near_within,
           CASE WHEN area % $round_to = 0 THEN $round_to / 2 ELSE $close_within_share * area END AS close_within
    FROM (SELECT DISTINCT area FROM session_due WHERE area IS NOT NULL)
), listed AS (SELECT area, count(*) AS homes FROM session_home WHERE area IS NOT NULL GROUP BY area),
level AS (
    SELECT t.area, is_round, close_within, greatest(close_within, near_within) AS reach, sum(homes) AS homes,
           coalesce(sum(homes) FILTER (h.area = t.area), 0) AS fits,
           coalesce(sum(homes) FILTER (abs(h.area - t.area) <= close_within), 0) AS close,
           coalesce(sum(homes) FILTER (abs(h.area - t.area) <= greatest(close_within, near_within)), 0) AS near
    FROM told t, listed h GROUP BY ALL
), fit AS (
    SELECT *, CASE WHEN is_round THEN $round_fits ELSE $fits END AS fits_fit,
           CASE WHEN is_round THEN $round_close ELSE $close END AS close_fit,
           CASE WHEN is_round THEN $round_near ELSE $near END AS near_fit
    FROM level
)
SELECT area, close_within, reach, fits_fit, fits_fit + close_fit + near_fit AS all_fit,
       CASE WHEN fits > 0 THEN fits_fit * homes / (fits - 1 + near / (2 * reach + 1)) END AS fits,
       close_fit * homes / nullif(close - fits, 0) AS close, near_fit * homes / nullif(near - close, 0) AS near,
       (1 - fits_fit - close_fit - near_fit) * homes / nullif(homes - near, 0) AS off
FROM fit
"""

# What visitors tell repeats; each distinct set is weighed once, and not again while homes and rules are the same.
_FEATURES = """
CREATE OR REPLACE TEMP TABLE session_feature AS
SELECT c.*, coalesce(z.homes, t.homes, 0) AS homes_there
FROM (SELECT DISTINCT feature, zip5, city, living, band, age, area FROM session_cookie) c
LEFT JOIN (SELECT zip5, count(*) AS homes FROM session_home GROUP BY zip5) z USING (zip5)
LEFT JOIN visitor_city t USING (city)
"""
_HOMES_PRINT = "SELECT count(*), bit_xor((hash(h)::UHUGEINT << 64) | hash(h, 1)) FROM session_home AS h"
_DUE = "CREATE OR REPLACE TEMP TABLE session_due AS FROM session_feature ANTI JOIN weighed_feature USING (feature)"
_GONE = "DELETE FROM session_weighed WHERE feature IN (FROM weighed_feature EXCEPT SELECT feature FROM session_feature)"
_TOLD = """
CREATE OR REPLACE TEMP TABLE session_told AS
SELECT c.*, b.fits AS band_fits, b.near AS band_near, b.off AS band_off,
       y.fits AS age_fits, y.near AS age_near, y.off AS age_off,
       a.fits AS area_fits, a.close AS area_close, a.near AS area_near, a.off AS area_off, a.close_within, a.reach,
       1 - CASE WHEN age IS NULL THEN a.fits_fit ELSE a.all_fit * $age_fit END AS missed
FROM session_due c LEFT JOIN session_band b USING (band) LEFT JOIN session_age y USING (age)
LEFT JOIN session_area a USING (area)
"""

# In the ZIP every home that comes near in year or area. In a city, which may be large, those that come near in both, or
# are just as large where no year is told; elsewhere those of just that area and nearly that year.
_PAIRS = """
CREATE OR REPLACE TEMP TABLE session_pair AS
WITH pair AS (
    SELECT f.*, h.property_id, h.value, h.age AS home_age, h.area AS home_area, true AS there
    FROM session_told f JOIN session_home h ON h.zip5 = f.zip5
     AND (abs(h.area - f.area) <= f.reach OR abs(h.age - f.age) <= $near_within)
    UNION ALL
    SELECT f.* EXCLUDE (near_age), h.property_id, h.value, h.age, h.area, true
    FROM (SELECT *, unnest(range(age - $near_within, age + $near_within + 1)) AS near_age FROM session_told) f
    JOIN session_home h ON h.city = f.city AND h.age = f.near_age AND abs(h.area - f.area) <= f.reach
    UNION ALL
    SELECT f.*, h.property_id, h.value, h.age, h.area, true
    FROM session_told f JOIN session_home h ON h.city = f.city AND h.area = f.area WHERE f.age IS NULL OR h.age IS NULL
    UNION ALL
    SELECT f.*, h.property_id, h.value, h.age, h.area, false
    FROM session_told f JOIN session_home h ON h.area = f.area AND abs(h.age - f.age) <= $near_within
     AND (f.zip5 IS NULL OR h.zip5 IS DISTINCT FROM f.zip5) AND (f.city IS NULL OR h.city IS DISTINCT FROM f.city)
)
SELECT feature, property_id, there,
       CASE WHEN band IS NULL OR value IS NULL THEN 1
            WHEN value >= band AND value < band + $width THEN band_fits
            WHEN value >= band - $width AND value < band + 2 * $width THEN band_near ELSE band_off END
     * CASE WHEN age IS NULL OR home_age IS NULL THEN 1 WHEN home_age = age THEN age_fits
            WHEN abs(home_age - age) <= $near_within THEN age_near ELSE age_off END
     * CASE WHEN area IS NULL OR home_area IS NULL THEN 1 WHEN home_area = area THEN area_fits
            WHEN abs(home_area - area) <= close_within THEN area_close
            WHEN abs(home_area - area) <= reach THEN area_near ELSE area_off END AS ratio
FROM pair
"""

# Homes of the ZIP that are no pair differ in year and area, those of a city in one of them; who lives elsewhere or is
# not listed shows what anybody might. Masses in hundred-millionths; of a home like no other in a long list they pass
# what 64 bits hold.
_WEIGHED = """
INSERT INTO session_weighed
WITH full_zips AS (
    SELECT avg(least(1, homes / $zip_homes)) AS share
    FROM (SELECT count(*) AS homes FROM session_home WHERE zip5 IS NOT NULL GROUP BY zip5)
), prior AS (
    SELECT feature, homes_there,
           coalesce(area_off, 1) * coalesce(age_off, 1) AS off,
           CASE WHEN city IS NOT NULL THEN missed END AS missed,
           CASE WHEN zip5 IS NOT NULL THEN $zip_right ELSE coalesce(living, 0) END AS nearby,
           $listed * nearby * least(1, homes_there / $zip_homes) AS there,
           $listed * (1 - nearby) * (SELECT share FROM full_zips) AS elsewhere,
           (SELECT count(*) FROM session_home) - homes_there AS homes_elsewhere
    FROM session_told
), mass AS (
    SELECT feature, property_id, p.there AS is_there,
           round(1e8 * ratio * CASE WHEN p.there THEN r.there / homes_there ELSE elsewhere / homes_elsewhere END)
               ::HUGEINT AS mass
    FROM session_pair p JOIN prior r USING (feature)
), total AS (
    SELECT feature, sum(mass)
           + round(1e8 * any_value(1 - there + there * coalesce(missed, off * (1 - pairs / greatest(homes_there, 1)))))
             ::HUGEINT AS total
    FROM (SELECT *, count(*) FILTER (is_there) OVER (PARTITION BY feature) AS pairs FROM mass)
    JOIN prior USING (feature) GROUP BY feature
)
SELECT feature, property_id, $own * mass / total AS probability
FROM mass JOIN total USING (feature) WHERE mass > 0 AND mass >= $kept_at_least * total
"""

_CANDIDATES = """
INSERT INTO candidate
WITH timed AS (
    SELECT c.record, w.property_id, w.probability,
           1 + CASE t.soon WHEN 1 THEN $soon * f.homes_there / t.soon_homes
                           WHEN 0 THEN $later * f.homes_there / (t.homes - t.soon_homes) ELSE 0 END AS ratio
    FROM session_cookie c SEMI JOIN cookie_due USING (record) JOIN session_feature f USING (feature)
    JOIN session_weighed w USING (feature)
    LEFT JOIN session_touched t ON t.record = c.record AND t.property_id = w.property_id
), mass AS (
    SELECT record, property_id, round(1e8 * probability * ratio)::BIGINT AS mass,
           round(1e8 * probability)::BIGINT AS untimed
    FROM timed
), posterior AS (
    SELECT record, property_id,
           mass / (sum(mass) OVER (PARTITION BY record) + 1e8 - sum(untimed) OVER (PARTITION BY record)) AS probability
    FROM mass
)
SELECT record, property_id, round(probability, 6) FROM posterior WHERE probability >= $candidate_at_least
QUALIFY row_number() OVER (PARTITION BY record ORDER BY probability DESC, property_id) <= $candidates
"""


def weigh_sessions(con: Connection, rules: SessionRules) -> None:
    """Bring `candidate`, the likeliest homes of cookies that nothing leads to an address, up to date.

    Reads record, record_home, pair_kind, property, touch, holding, shared_identifier and what of these is news.
    """
    for table in (CANDIDATE, RECORD_NEWS):
        table.ensure(con)
    con.execute(_HOMELESS, {"listed_in": know_visitors(con, rules)})
    for statement in _LED:
        con.execute(statement, {"tied": _TIED} if "$tied" in statement else {})
    made_by, weighed = _weigh_features(con, rules)
    times = {"soon": rules.touched.soon, "later": rules.touched.later}
    most = {"candidate_at_least": rules.candidate_at_least, "candidates": rules.candidates}
    with renewed(con, CANDIDATE.name, *made_by, also=weighed) as known:
        find_due_cookies(con, rules.touched.later_hours, known=known)
        find_touched(con, rules.touched.soon_hours, rules.touched.later_hours)
        with told(con, "FROM candidate SEMI JOIN cookie_due USING (record)", "SELECT record FROM {changed}"):
            con.execute("DELETE FROM candidate WHERE record IN (FROM cookie_due)")
            con.execute(_CANDIDATES, times | most)
        keep_visits(con)
    CANDIDATE.check(con)


def _weigh_features(con: Connection, rules: SessionRules) -> tuple[tuple[object, ...], bool]:
    """Bring `session_weighed` up to date: the homes that each set of features may mean, before time has told. What all
    of them are weighed by, and whether the last run weighed them by the same.
    """
    listed = share_listed(con, rules)
    made_by = (rules, listed, con.execute(_HOMES_PRINT).fetchall())
    with renewed(con, _WEIGHED_TABLE.name, *made_by) as known:
        open_tables(con, (_WEIGHED_TABLE, _WEIGHED_FEATURE), known=known)
        for statement in (_FEATURES, _DUE, _GONE):
            con.execute(statement)
        _weigh_due(con, rules, listed)
        con.execute("CREATE OR REPLACE TABLE weighed_feature AS SELECT feature FROM session_feature")
    return made_by, known


def _weigh_due(con: Connection, rules: SessionRules, listed: float) -> None:
    band, year, area = rules.value_band, rules.year_built, rules.square_footage
    con.execute(_BAND_RATIOS, band.model_dump(exclude={"close"}))
    con.execute(_AGE_RATIOS, year.model_dump(exclude={"close"}))
    round_fits = {f"round_{name}": share for name, share in area.round.model_dump().items()}
    con.execute(_AREA_RATIOS, area.model_dump(exclude={"round"}) | round_fits)
    con.execute(_TOLD, {"age_fit": year.fits + year.near})
    con.execute(_PAIRS, {"width": band.width, "near_within": year.near_within})
    prior = {"own": rules.own, "listed": listed, "zip_right": rules.zip_right, "zip_homes": rules.zip_homes}
    con.execute(_WEIGHED, prior | {"kept_at_least": rules.candidate_at_least / _TIME_TELLS})
    con.execute("DROP TABLE session_pair")  # some forty rows a cookie
