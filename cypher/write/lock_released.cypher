// purpose: release the lock
// params: owner
// returns: nothing
MATCH (l:Lock {name: 'run', owner: $owner})
REMOVE l.owner, l.host, l.pid, l.kind, l.since, l.heartbeat
