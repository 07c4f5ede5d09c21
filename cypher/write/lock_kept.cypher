// purpose: say that the holder of the lock is alive
// params: owner
// returns: owner, when the lock is still held
MATCH (l:Lock {name: 'run', owner: $owner})
SET l.heartbeat = localdatetime({timezone: 'UTC'})
RETURN l.owner AS owner
