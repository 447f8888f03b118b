-- `place` orders the jobs that wait for a free slot; a job that is resumed goes to the end of the line.
ALTER TABLE job ADD COLUMN place INTEGER NOT NULL DEFAULT 0;
UPDATE job SET place = seq;
-- What has happened is never rewritten, by no version of this library and by no other program.
CREATE TRIGGER event_is_kept BEFORE UPDATE ON event BEGIN
  SELECT RAISE(ABORT, 'events are only added');
END;
CREATE TRIGGER event_goes_with_its_job BEFORE DELETE ON event WHEN EXISTS (SELECT 1 FROM job WHERE seq = OLD.job) BEGIN
  SELECT RAISE(ABORT, 'events are only added');
END;
