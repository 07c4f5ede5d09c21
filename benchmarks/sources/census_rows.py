"""Write who lives with whom in pseudopeople's sample census, without its noise, as Parquet: python -I THIS FOLDER."""

from __future__ import annotations

import sys
from pathlib import Path

import pseudopeople

KEPT = ["household_id", "first_name", "last_name", "age", "sex", "street_name", "housing_type"]

rows = pseudopeople.generate_decennial_census(config=pseudopeople.NO_NOISE, seed=0)[KEPT]
rows.astype(str).where(rows.notna(), None).to_parquet(Path(sys.argv[1]) / "people.parquet")
