"""Whose an anonymous cookie is: the homes of its ZIP, weighed by how well value, year and floor area fit.

P(home | features) ∝ listed/homes × Π fit(level)/share(level), against (1 - listed) for a home that is not listed:
fit is how often a visitor shows that level of agreement with the home he lives in (session.toml), share how many of
the ZIP's homes show it. A missing feature says nothing.
"""

from __future__ import annotations

from stormops_graph.rules import SessionRules
from stormops_graph.tables import CANDIDATE, Connection

# A cookie is anonymous when nothing that may link stands on it: no usable phone, email or address.
_ANONYMOUS = """
CREATE OR REPLACE TEMP TABLE session_cookie AS
SELECT r.record, r.zip5, TRY_CAST(regexp_extract(r.home_value_band, '^([0-9]+)k$', 1) AS DOUBLE) * 1000 AS band,
       r.year_built, r.square_footage, year(r.last_seen) AS year
FROM record r ANTI JOIN profile f ON f.unique_id = r.record
WHERE r.cookie IS NOT NULL AND r.zip5 IS NOT NULL
"""

# The features of anonymous cookies repeat; each distinct set is weighed once.
_FEATURES = """
CREATE OR REPLACE TEMP TABLE session_feature AS
SELECT row_number() OVER (ORDER BY zip5, band, year_built, square_footage, year) AS feature, *
FROM (SELECT DISTINCT zip5, band, year_built, square_footage, year FROM session_cookie)
WHERE (band IS NOT NULL)::INT + (year_built IS NOT NULL)::INT + (square_footage IS NOT NULL)::INT > 0
"""

_LEVELS = """
CREATE OR REPLACE TEMP TABLE session_level AS
SELECT feature, property_id,
    CASE WHEN estimated_value IS NULL OR band IS NULL THEN NULL
         WHEN estimated_value >= band AND estimated_value < band + $width THEN 2 ELSE 0 END AS band_level,
    CASE WHEN abs(year - property_age - year_built) <= $year_within THEN 2
         WHEN abs(year - property_age - year_built) <= $year_near_within THEN 1
         WHEN year - property_age - year_built IS NOT NULL THEN 0 END AS year_level,
    CASE WHEN abs(p.square_footage - f.square_footage) <= $area_within * f.square_footage THEN 2
         WHEN abs(p.square_footage - f.square_footage) <= $area_near_within * f.square_footage THEN 1
         WHEN p.square_footage - f.square_footage IS NOT NULL THEN 0 END AS area_level
FROM session_feature f JOIN property p USING (zip5)
"""


def _ratio(name: str) -> str:
    """SQL of fit(level) / share(level) for one feature; 1 where it is missing."""
    shares = f"(count(*) OVER (PARTITION BY feature, {name}_level))"
    return (
        f"CASE {name}_level WHEN 2 THEN ${name}_fits WHEN 1 THEN ${name}_near WHEN 0 THEN ${name}_off END "
        f"* count(*) OVER (PARTITION BY feature) / {shares}"
    )


_WEIGHED = f"""
CREATE OR REPLACE TEMP TABLE session_weighed AS
WITH ratio AS (
    SELECT feature, property_id, count(*) OVER (PARTITION BY feature) AS homes,
           coalesce({_ratio("band")}, 1) * coalesce({_ratio("year")}, 1) * coalesce({_ratio("area")}, 1) AS ratio
    FROM session_level
), posterior AS (
    SELECT feature, property_id, $listed / homes * ratio
           / (1 - $listed + sum($listed / homes * ratio) OVER (PARTITION BY feature)) AS probability
    FROM ratio
)
SELECT * FROM posterior WHERE probability >= $candidate_at_least
"""  # noqa: S608  (built from fixed words)

_CANDIDATES = """
INSERT INTO candidate
SELECT c.record, w.property_id, round(w.probability, 6)
FROM session_weighed w JOIN session_feature f USING (feature)
JOIN session_cookie c ON c.zip5 = f.zip5 AND c.band IS NOT DISTINCT FROM f.band
  AND c.year_built IS NOT DISTINCT FROM f.year_built
  AND c.square_footage IS NOT DISTINCT FROM f.square_footage AND c.year IS NOT DISTINCT FROM f.year
QUALIFY row_number() OVER (PARTITION BY c.record ORDER BY w.probability DESC, w.property_id) <= $candidates
ORDER BY c.record, w.probability DESC, w.property_id
"""


def weigh_sessions(con: Connection, rules: SessionRules) -> int:
    """Fill `candidate` with the likeliest homes of anonymous cookies; returns its rows."""
    CANDIDATE.create(con)
    con.execute(_ANONYMOUS)
    con.execute(_FEATURES)
    band, year, area = rules.value_band, rules.year_built, rules.square_footage
    con.execute(
        _LEVELS,
        {
            "width": band.width,
            "year_within": year.within,
            "year_near_within": year.near_within,
            "area_within": area.within_share,
            "area_near_within": area.near_within_share,
        },
    )
    con.execute(
        _WEIGHED,
        {
            "band_fits": band.fits,
            "band_near": 0.0,
            "band_off": 1 - band.fits,
            "year_fits": year.fits,
            "year_near": year.near,
            "year_off": 1 - year.fits - year.near,
            "area_fits": area.fits,
            "area_near": area.near,
            "area_off": 1 - area.fits - area.near,
            "listed": rules.listed,
            "candidate_at_least": rules.candidate_at_least,
        },
    )
    con.execute(_CANDIDATES, {"candidates": rules.candidates})
    return CANDIDATE.check(con)
