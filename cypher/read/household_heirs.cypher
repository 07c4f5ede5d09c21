// purpose: the households in which one that ended goes on: what it was merged into, and what was split from it
// params: household_id
// returns: household_id
MATCH way = (:Household {household_id: $household_id})-[:MERGED_INTO|SPLIT_FROM*1..20]-(heir:Household)
WHERE heir.retired_run IS NULL
  AND all(ended IN nodes(way)[..-1] WHERE ended.retired_run IS NOT NULL)
  AND all(step IN range(0, length(way) - 1)
          WHERE (type(relationships(way)[step]) = 'MERGED_INTO') = (startNode(relationships(way)[step]) = nodes(way)[step]))
RETURN DISTINCT heir.household_id AS household_id
ORDER BY household_id
