-- What people and dashboards read. A feed's rows are seen up to its newest committed load, so that facts, rollups and
-- counts always agree: a load that is still being written has a higher number.

CREATE OR REPLACE SQL SECURITY INVOKER VIEW v_insurance_benefit AS
SELECT fact.*
FROM insurance_benefit AS fact
JOIN pipeline_feed AS feed ON feed.feed = 'insurance_benefit'
WHERE fact.load_id <= feed.committed_load_id;

CREATE OR REPLACE SQL SECURITY INVOKER VIEW v_insurance_network AS
SELECT fact.*
FROM insurance_network AS fact
JOIN pipeline_feed AS feed ON feed.feed = 'insurance_network'
WHERE fact.load_id <= feed.committed_load_id;

CREATE OR REPLACE SQL SECURITY INVOKER VIEW v_insurance_plan AS
SELECT fact.*
FROM insurance_plan AS fact
JOIN pipeline_feed AS feed ON feed.feed = 'insurance_plan'
WHERE fact.load_id <= feed.committed_load_id;

CREATE OR REPLACE SQL SECURITY INVOKER VIEW v_insurance_rate AS
SELECT fact.*
FROM insurance_rate AS fact
JOIN pipeline_feed AS feed ON feed.feed = 'insurance_rate'
WHERE fact.load_id <= feed.committed_load_id;

CREATE OR REPLACE SQL SECURITY INVOKER VIEW v_insurance_service_area AS
SELECT fact.*
FROM insurance_service_area AS fact
JOIN pipeline_feed AS feed ON feed.feed = 'insurance_service_area'
WHERE fact.load_id <= feed.committed_load_id;

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
