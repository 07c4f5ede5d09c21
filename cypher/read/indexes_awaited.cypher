// purpose: wait until all indexes can be used
// params: seconds
// returns: nothing
CALL db.awaitIndexes($seconds)
