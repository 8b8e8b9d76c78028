-- What the dashboards read beside the rollups themselves: rollups joined to names, and the ledger in the form of a chart.

-- Rates carry no metal level: it comes from the plan of the same 14 characters. Should a plan's variants ever disagree,
-- the first level in the alphabet counts, so that no rate counts twice.
CREATE OR REPLACE SQL SECURITY INVOKER VIEW v_insurance_premium AS
SELECT
  r.business_year,
  CAST(r.business_year AS CHAR(4)) AS plan_year,
  r.state_code,
  CONCAT('US-', r.state_code) AS state_iso,
  r.plan_id,
  COALESCE(p.metal_level, 'Unknown') AS metal_level,
  r.rates,
  r.rate_sum
FROM insurance_rate_by_plan AS r
LEFT JOIN insurance_plan_by_component AS p
  ON p.business_year = r.business_year
  AND p.state_code = r.state_code
  AND p.standard_component_id = r.plan_id
  AND NOT EXISTS (
    SELECT 1 FROM insurance_plan_by_component AS other
    WHERE other.business_year = p.business_year
      AND other.state_code = p.state_code
      AND other.standard_component_id = p.standard_component_id
      AND other.metal_level < p.metal_level
  );

CREATE OR REPLACE SQL SECURITY INVOKER VIEW v_insurance_premium_by_age AS
SELECT
  r.business_year,
  r.state_code,
  COALESCE(p.metal_level, 'Unknown') AS metal_level,
  r.age_from,
  r.rates,
  r.rate_sum
FROM insurance_rate_by_age AS r
LEFT JOIN insurance_plan_by_component AS p
  ON p.business_year = r.business_year
  AND p.state_code = r.state_code
  AND p.standard_component_id = r.plan_id
  AND NOT EXISTS (
    SELECT 1 FROM insurance_plan_by_component AS other
    WHERE other.business_year = p.business_year
      AND other.state_code = p.state_code
      AND other.standard_component_id = p.standard_component_id
      AND other.metal_level < p.metal_level
  );

-- One row per refused record and reason; a record with two reasons stands twice.
CREATE OR REPLACE SQL SECURITY INVOKER VIEW v_quarantine_reason AS
SELECT
  q.feed,
  q.quarantined_at,
  q.source_id,
  q.row_no,
  CASE WHEN q.resolved_load_id IS NULL THEN 'open' ELSE 'resolved' END AS state,
  COALESCE(r.column_name, '') AS column_name,
  r.reason
FROM quarantine AS q
JOIN pipeline_feed AS f ON f.feed = q.feed AND q.load_id <= f.committed_load_id
JOIN JSON_TABLE(
  q.reasons,
  '$[*]' COLUMNS (column_name VARCHAR(255) PATH '$.column', reason VARCHAR(500) PATH '$.reason')
) AS r;
