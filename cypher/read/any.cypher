// purpose: whether the graph holds anything but its own books
// params: none
// returns: label of one node, where there is any
MATCH (n)
WHERE NOT (n:Graph OR n:Migration OR n:Lock OR n:Run)
RETURN labels(n)[0] AS label
LIMIT 1
