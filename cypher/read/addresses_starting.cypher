// purpose: addresses that begin as asked, for a street address whose ZIP code is not known
// params: start
// returns: key
MATCH (i:Identifier)
WHERE i.key STARTS WITH $start
RETURN i.key AS key
ORDER BY key
LIMIT 20
