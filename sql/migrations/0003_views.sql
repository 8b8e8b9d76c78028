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

-- Rates carry no metal level: it is that of the plan with the same 14 characters. Should a plan's variants ever disagree,
-- the first level in the alphabet counts, so that no rate counts twice.
CREATE OR REPLACE SQL SECURITY INVOKER VIEW v_insurance_component AS
SELECT business_year, state_code, standard_component_id, MIN(metal_level) AS metal_level
FROM insurance_plan_by_component
GROUP BY business_year, state_code, standard_component_id;

-- Monthly premiums of persons per plan, with its metal level, 'Unknown' until its plan has come.
CREATE OR REPLACE SQL SECURITY INVOKER VIEW v_insurance_premium AS
SELECT
  rate.business_year,
  CAST(rate.business_year AS CHAR(4)) AS plan_year,
  rate.state_code,
  CONCAT('US-', rate.state_code) AS state_iso,
  rate.plan_id,
  COALESCE(component.metal_level, 'Unknown') AS metal_level,
  rate.rates,
  rate.rate_sum
FROM insurance_rate_by_plan AS rate
LEFT JOIN v_insurance_component AS component
  ON component.business_year = rate.business_year
  AND component.state_code = rate.state_code
  AND component.standard_component_id = rate.plan_id;

-- The same per age.
CREATE OR REPLACE SQL SECURITY INVOKER VIEW v_insurance_premium_by_age AS
SELECT
  rate.business_year,
  rate.state_code,
  rate.plan_id,
  COALESCE(component.metal_level, 'Unknown') AS metal_level,
  rate.age_from,
  rate.rates,
  rate.rate_sum
FROM insurance_rate_by_age AS rate
LEFT JOIN v_insurance_component AS component
  ON component.business_year = rate.business_year
  AND component.state_code = rate.state_code
  AND component.standard_component_id = rate.plan_id;
