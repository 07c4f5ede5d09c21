// purpose: the books of the graph: its namespace, its runs and its lock
// params: none
// returns: label, properties
MATCH (n)
WHERE n:Graph OR n:Run OR n:Lock
RETURN labels(n)[0] AS label, properties(n) AS properties
ORDER BY label
