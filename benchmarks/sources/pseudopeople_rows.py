"""Write pseudopeople's sample census, tax, WIC and Social Security rows as Parquet: python -I THIS FOLDER.

Run in the benchmark's own environment, isolated, as `pseudopeople` is the name of the benchmark too.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pseudopeople

SOURCES = {
    "census": pseudopeople.generate_decennial_census,
    "tax": pseudopeople.generate_taxes_w2_and_1099,
    "wic": pseudopeople.generate_women_infants_and_children,
    "ssa": pseudopeople.generate_social_security,
}

for name, generate in SOURCES.items():
    rows = generate(seed=0)
    text = rows.astype(str).where(rows.notna(), None)
    text.to_parquet(Path(sys.argv[1]) / f"{name}.parquet")
