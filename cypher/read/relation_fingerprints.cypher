// purpose: ends and fingerprints of all relationships of one type; 0 for one that was made by hand
// params: none
// returns: start_key, end_key, fingerprint
MATCH (a:<start>)-[r:<type>]->(b:<end>)
RETURN a.<startkey> AS start_key, b.<endkey> AS end_key, coalesce(r.fingerprint, 0) AS fingerprint
