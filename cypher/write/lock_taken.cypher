// purpose: take the lock of this graph, unless another holds it and has been heard of lately
// params: owner, host, pid, kind, replaces, seconds
// returns: taken, holder, holder_host, holder_pid, holder_kind, since
MERGE (l:Lock {name: 'run'})
SET l.asked_at = localdatetime({timezone: 'UTC'})
WITH l, l.owner AS holder, l.host AS holder_host, l.pid AS holder_pid, l.kind AS holder_kind, l.since AS since,
     l.owner IS NULL OR l.owner = $replaces OR l.heartbeat + duration({seconds: $seconds}) < l.asked_at AS taken
FOREACH (now IN CASE WHEN taken THEN [l.asked_at] ELSE [] END |
  SET l.owner = $owner, l.host = $host, l.pid = $pid, l.kind = $kind, l.since = now, l.heartbeat = now)
RETURN taken, holder, holder_host, holder_pid, holder_kind, since
