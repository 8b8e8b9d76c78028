-- What people and dashboards read of the ledger. Refused records are seen up to their feed's newest committed load: a load
-- that is still being written has a higher number.

CREATE OR REPLACE SQL SECURITY INVOKER VIEW v_quarantine AS
SELECT refused.*
FROM quarantine AS refused
JOIN pipeline_feed AS feed ON feed.feed = refused.feed
WHERE refused.load_id <= feed.committed_load_id;

-- Committed loads, with the time each took from its beginning to its commit.
CREATE OR REPLACE SQL SECURITY INVOKER VIEW v_load AS
SELECT
  timed.*,
  ROUND(timed.read_count / NULLIF(timed.seconds, 0)) AS rows_per_second
FROM (
  SELECT
    load_id, feed, app, epoch, contract_version, start_offsets, end_offsets,
    read_count, loaded, updated, duplicates, quarantined,
    oldest_sent_at, newest_sent_at, started_at, finished_at,
    ROUND(TIMESTAMPDIFF(MICROSECOND, started_at, finished_at) / 1000000, 3) AS seconds
  FROM pipeline_load
  WHERE state = 'committed'
) AS timed;

-- One row per feed: how it is, how far behind, and when it last took something in.
CREATE OR REPLACE SQL SECURITY INVOKER VIEW v_feed_health AS
SELECT
  feed.feed,
  feed.state,
  feed.message,
  feed.lag_records,
  feed.freshness_seconds,
  feed.table_rows,
  feed.read_count,
  feed.loaded,
  feed.updated,
  feed.duplicates,
  feed.quarantined,
  feed.committed_load_id AS last_load_id,
  last_load.finished_at AS last_load_at,
  feed.updated_at
FROM pipeline_feed AS feed
LEFT JOIN pipeline_load AS last_load ON last_load.load_id = feed.committed_load_id;

-- Where each feed's rows come from, so that every screen can tell simulated data from real ones.
CREATE OR REPLACE SQL SECURITY INVOKER VIEW v_feed_origin AS
SELECT feed, origin, SUM(loaded + updated) AS records
FROM pipeline_source
GROUP BY feed, origin;

-- One row per reason of a refused record; a record with two reasons stands twice.
CREATE OR REPLACE SQL SECURITY INVOKER VIEW v_quarantine_reason AS
SELECT
  refused.feed,
  refused.quarantined_at,
  refused.source_id,
  refused.row_no,
  IF(refused.resolved_load_id IS NULL, 'open', 'resolved') AS state,
  COALESCE(reason.column_name, '') AS column_name,
  reason.reason
FROM quarantine AS refused -- not v_quarantine: MySQL refuses a view's column as JSON_TABLE's argument
JOIN pipeline_feed AS feed ON feed.feed = refused.feed AND refused.load_id <= feed.committed_load_id
JOIN JSON_TABLE(
  refused.reasons,
  '$[*]' COLUMNS (column_name VARCHAR(255) PATH '$.column', reason VARCHAR(500) PATH '$.reason')
) AS reason;
