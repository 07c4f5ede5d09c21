// purpose: keys and fingerprints of all nodes of one label, without the retired
// params: none
// returns: key, fingerprint
MATCH (n:<label>)
WHERE n.fingerprint IS NOT NULL
RETURN n.<key> AS key, n.fingerprint AS fingerprint
