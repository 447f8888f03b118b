-- Times are microseconds since 1970 in UTC; `data` is a JSON array in the order of the group's features.
CREATE TABLE feature_group(
  seq INTEGER PRIMARY KEY, name TEXT UNIQUE NOT NULL, definition TEXT NOT NULL
) STRICT;
CREATE TABLE feature_row(
  seq INTEGER PRIMARY KEY, grp INTEGER NOT NULL REFERENCES feature_group ON DELETE CASCADE,
  entity ANY NOT NULL, event INTEGER NOT NULL, created INTEGER NOT NULL, data TEXT NOT NULL
) STRICT;
CREATE INDEX feature_of_entity ON feature_row(grp, entity, event, created);
