-- What dashboards read of the feed, beside v_employment. Run by `make up` after its tables, again when this file changes.

-- Quarters counted. The newest one is complete once nearly as many records came as for the quarter before it.
CREATE OR REPLACE SQL SECURITY INVOKER VIEW v_employment_quarter AS
SELECT
  counted.quarter,
  counted.records,
  counted.next_quarter IS NOT NULL OR counted.records >= 0.98 * COALESCE(counted.records_before, 0) AS is_complete
FROM (
  SELECT
    quarter,
    SUM(records) AS records,
    LAG(SUM(records)) OVER (ORDER BY quarter) AS records_before,
    LEAD(quarter) OVER (ORDER BY quarter) AS next_quarter
  FROM employment_by_region
  GROUP BY quarter
) AS counted;

-- Jobs and payroll per region and complete quarter, beside those of the same quarter a year before. The comparable ones
-- are NULL where the year before is not known, so that a sum over regions compares like with like.
CREATE OR REPLACE SQL SECURITY INVOKER VIEW v_employment_region AS
SELECT
  counted.quarter,
  counted.quarter = newest.quarter AS is_newest,
  counted.region_code,
  region.region_name,
  region.map_code,
  counted.records,
  counted.jobs,
  counted.payroll,
  counted.in_doubt,
  counted.sound_jobs,
  counted.sound_payroll,
  counted.jobs_adjusted,
  counted.payroll_adjusted,
  IF(before_.quarter IS NULL, NULL, counted.jobs) AS jobs_comparable,
  IF(before_.quarter IS NULL, NULL, counted.payroll) AS payroll_comparable,
  before_.jobs AS jobs_year_before,
  before_.payroll AS payroll_year_before
FROM employment_by_region AS counted
JOIN v_employment_quarter AS reported ON reported.quarter = counted.quarter AND reported.is_complete
JOIN (SELECT MAX(quarter) AS quarter FROM v_employment_quarter WHERE is_complete) AS newest
JOIN region ON region.region_code = counted.region_code
LEFT JOIN employment_by_region AS before_
  ON before_.quarter = LAST_DAY(counted.quarter - INTERVAL 1 YEAR)
  AND before_.region_code = counted.region_code;

-- The newest complete quarter of each zone, beside the same quarter a year before.
CREATE OR REPLACE SQL SECURITY INVOKER VIEW v_employment_zone_newest AS
SELECT
  counted.quarter,
  counted.zone_code,
  COALESCE(zone.zone_name, counted.zone_code) AS zone_name,
  region.region_name,
  counted.jobs,
  counted.payroll,
  IF(before_.quarter IS NULL, NULL, counted.jobs) AS jobs_comparable,
  IF(before_.quarter IS NULL, NULL, counted.payroll) AS payroll_comparable,
  before_.jobs AS jobs_year_before,
  before_.payroll AS payroll_year_before
FROM (SELECT MAX(quarter) AS quarter FROM v_employment_quarter WHERE is_complete) AS newest
JOIN employment_by_zone AS counted ON counted.quarter = newest.quarter
JOIN region ON region.region_code = counted.region_code
LEFT JOIN employment_zone AS zone ON zone.zone_code = counted.zone_code
LEFT JOIN employment_by_zone AS before_
  ON before_.quarter = LAST_DAY(counted.quarter - INTERVAL 1 YEAR)
  AND before_.region_code = counted.region_code
  AND before_.zone_code = counted.zone_code;

-- Records that were mended or are in doubt, and why.
CREATE OR REPLACE SQL SECURITY INVOKER VIEW v_employment_flagged AS
SELECT
  flagged.quarter,
  flagged.zone_code,
  COALESCE(zone.zone_name, flagged.zone_code) AS zone_name,
  region.region_name,
  flagged.part,
  CONCAT_WS(
    ', ',
    IF(flagged.in_doubt > 0, 'adjusted figure in doubt', NULL),
    IF(flagged.names_repaired > 0, 'name mended', NULL),
    IF(flagged.misplaced > 0, 'zone outside its region', NULL)
  ) AS reason,
  flagged.records,
  flagged.payroll,
  flagged.payroll_adjusted
FROM employment_flagged AS flagged
JOIN region ON region.region_code = flagged.region_code
LEFT JOIN employment_zone AS zone ON zone.zone_code = flagged.zone_code;
