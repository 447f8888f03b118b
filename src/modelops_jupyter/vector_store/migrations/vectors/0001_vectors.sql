-- A sequence number is never used again: an index made earlier knows by it what is new and what is gone.
CREATE TABLE namespace(
  seq INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE NOT NULL, dimension INTEGER NOT NULL
) STRICT;
CREATE TABLE vector(
  seq INTEGER PRIMARY KEY AUTOINCREMENT, namespace INTEGER NOT NULL REFERENCES namespace ON DELETE CASCADE,
  id TEXT NOT NULL, data BLOB NOT NULL, fields TEXT NOT NULL, UNIQUE(namespace, id)
) STRICT;
CREATE TABLE approximate(
  namespace INTEGER NOT NULL REFERENCES namespace ON DELETE CASCADE, metric TEXT NOT NULL,
  name TEXT NOT NULL, newest INTEGER NOT NULL, recall TEXT NOT NULL, PRIMARY KEY(namespace, metric)
) STRICT;
