// purpose: what a household was made of and what became of it: merges, splits and returns, with their runs
// params: household_id
// returns: a picture of its lineage
MATCH line = (:Household {household_id: $household_id})-[:MERGED_INTO|WAS_MERGED_INTO|SPLIT_FROM*0..5]-(:Household)
RETURN line
LIMIT 100
