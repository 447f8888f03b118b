-- `revision` grows with every change of a job, so that a reader can ask "anything newer than n?".
CREATE TABLE job(
  seq INTEGER PRIMARY KEY, id TEXT UNIQUE NOT NULL, name TEXT, provider TEXT NOT NULL, base_model TEXT NOT NULL,
  spec TEXT NOT NULL, status TEXT NOT NULL, reason TEXT, attempt INTEGER NOT NULL DEFAULT 0, cancel_requested REAL,
  node TEXT, boot TEXT, pidns TEXT, pid INTEGER, heartbeat REAL, remote_id TEXT,
  created REAL NOT NULL, started REAL, ended REAL, revision INTEGER NOT NULL DEFAULT 1
) STRICT;
CREATE TABLE event(
  seq INTEGER PRIMARY KEY, job INTEGER NOT NULL REFERENCES job ON DELETE CASCADE, attempt INTEGER NOT NULL,
  at REAL NOT NULL, kind TEXT NOT NULL, data TEXT NOT NULL
) STRICT;
CREATE INDEX event_of_job ON event(job, seq);
CREATE TABLE point(
  job INTEGER NOT NULL REFERENCES job ON DELETE CASCADE, name TEXT, step INTEGER, attempt INTEGER NOT NULL,
  value REAL, PRIMARY KEY(job, name, step)
) STRICT, WITHOUT ROWID;
