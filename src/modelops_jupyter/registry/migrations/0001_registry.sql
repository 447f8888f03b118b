-- `last` is the highest number ever given: a number is never used twice, whatever was deleted.
CREATE TABLE model(
  id INTEGER PRIMARY KEY, name TEXT UNIQUE NOT NULL COLLATE NOCASE, last INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE version(
  id INTEGER PRIMARY KEY, model INTEGER NOT NULL REFERENCES model, number INTEGER NOT NULL, at REAL NOT NULL,
  user TEXT NOT NULL, digest TEXT NOT NULL, description TEXT NOT NULL, facts TEXT NOT NULL, evaluation TEXT,
  UNIQUE(model, number)
) STRICT;
CREATE TABLE file(
  version INTEGER NOT NULL REFERENCES version ON DELETE CASCADE, path TEXT NOT NULL, sha256 TEXT NOT NULL,
  size INTEGER NOT NULL, PRIMARY KEY(version, path)
) STRICT, WITHOUT ROWID;
CREATE INDEX file_of_content ON file(sha256);
CREATE TABLE alias(
  model INTEGER NOT NULL REFERENCES model, name TEXT NOT NULL, version INTEGER NOT NULL REFERENCES version,
  PRIMARY KEY(model, name)
) STRICT, WITHOUT ROWID;
CREATE TABLE tag(
  version INTEGER NOT NULL REFERENCES version ON DELETE CASCADE, key TEXT NOT NULL, value TEXT NOT NULL,
  PRIMARY KEY(version, key)
) STRICT, WITHOUT ROWID;
CREATE TABLE event(
  seq INTEGER PRIMARY KEY, at REAL NOT NULL, user TEXT NOT NULL, model TEXT NOT NULL, version INTEGER,
  kind TEXT NOT NULL, data TEXT NOT NULL
) STRICT;
CREATE INDEX event_of_version ON event(model, version);
-- A version is what it was, and what has happened is never rewritten.
CREATE TRIGGER version_is_kept BEFORE UPDATE ON version BEGIN SELECT RAISE(ABORT, 'versions are immutable'); END;
CREATE TRIGGER file_is_kept BEFORE UPDATE ON file BEGIN SELECT RAISE(ABORT, 'versions are immutable'); END;
CREATE TRIGGER event_is_kept BEFORE UPDATE ON event BEGIN SELECT RAISE(ABORT, 'events are only added'); END;
CREATE TRIGGER event_stays BEFORE DELETE ON event BEGIN SELECT RAISE(ABORT, 'events are only added'); END;
