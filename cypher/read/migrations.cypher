// purpose: which migrations the graph has seen
// params: none
// returns: version, checksum
MATCH (m:Migration)
RETURN m.version AS version, m.checksum AS checksum
ORDER BY version
