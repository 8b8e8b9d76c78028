-- What has happened to the lab. What has happened to a feed's topic was a notice that held for a day: it becomes an event.

CREATE TABLE IF NOT EXISTS pipeline_event (
  event_id BIGINT NOT NULL COMMENT 'number of the event, rising' AUTO_INCREMENT,
  at DATETIME(3) NOT NULL COMMENT 'when it was noticed',
  kind VARCHAR(16) NOT NULL COMMENT 'what has happened: a feed''s new state, restarted, cut …',
  feed VARCHAR(64) COMMENT 'to which feed; NULL: to the whole lab',
  severity ENUM('tells','trouble') NOT NULL COMMENT 'trouble was for a person to mend',
  records BIGINT COMMENT 'how many records it is about, where it is about records',
  message TEXT NOT NULL COMMENT 'one sentence',
  PRIMARY KEY (event_id),
  KEY pipeline_event_at (at),
  KEY pipeline_event_feed (feed, event_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COMMENT='What has happened to the lab, kept for 30 days' COLLATE utf8mb4_0900_bin;

INSERT INTO pipeline_event (at, kind, feed, severity, message)
SELECT told_at, name, feed, kind, message FROM pipeline_notice AS told
WHERE place = 'topic' AND NOT EXISTS (
  SELECT 1 FROM pipeline_event AS known WHERE known.feed = told.feed AND known.kind = told.name AND known.at = told.told_at
)
ORDER BY told_at;

DELETE FROM pipeline_notice WHERE place = 'topic';

CREATE OR REPLACE SQL SECURITY INVOKER VIEW v_event AS
SELECT event_id, at, kind, COALESCE(feed, '') AS feed, severity, records, message
FROM pipeline_event;
