"""How two street numbers may be one slip of the pen apart.

The kinds of slip are told apart because they say more or less: within a block most numbers are one digit from another
home's, so that a wrong last digit could mean any of these; a number of another block, or with a digit more, has few
neighbours, and the nearest one is likely meant.
"""

from __future__ import annotations

SLIPS = ("mistyped", "other_block", "miscounted", "swapped")
SLIP_MACRO = """
CREATE OR REPLACE TEMP MACRO slip_of(said, listed) AS CASE
    WHEN least(length(said), length(listed)) < 3 THEN NULL
    WHEN levenshtein(said, listed) = 1 THEN
         CASE WHEN length(said) <> length(listed) THEN 'miscounted' -- a digit left out, or struck twice
              WHEN left(said, -2) = left(listed, -2) THEN 'mistyped' ELSE 'other_block' END
    WHEN length(said) = length(listed) AND hamming(said, listed) = 2
         AND list_sort(string_split(said, '')) = list_sort(string_split(listed, '')) THEN 'swapped' END;
"""
