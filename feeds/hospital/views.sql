-- What dashboards read of the feed, beside v_hospital. Run by `make up` after its tables, again when this file changes.

-- Days counted. The newest day is complete once nearly as many records came as for the day before it.
CREATE OR REPLACE SQL SECURITY INVOKER VIEW v_hospital_day AS
SELECT
  counted.day,
  counted.records,
  counted.next_day IS NOT NULL OR counted.records >= 0.98 * COALESCE(counted.records_before, 0) AS is_complete
FROM (
  SELECT
    day,
    SUM(departments) AS records,
    LAG(SUM(departments)) OVER (ORDER BY day) AS records_before,
    LEAD(day) OVER (ORDER BY day) AS next_day
  FROM hospital_by_day
  GROUP BY day
) AS counted;

-- Patients per region, sex and complete day. Deaths are counted since the beginning: those of a day are the difference to
-- the row before, spread over the days between; unknown where other departments reported than before.
CREATE OR REPLACE SQL SECURITY INVOKER VIEW v_hospital_region AS
SELECT
  counted.day,
  counted.region_code,
  place.region_name,
  place.region_map_code,
  counted.sex,
  ELT(counted.sex + 1, 'All', 'Men', 'Women') AS sex_name,
  counted.departments,
  counted.hospitalised,
  counted.intensive_care,
  counted.returned_home,
  counted.deaths,
  IF(
    counted.departments = LAG(counted.departments) OVER since,
    (counted.deaths - LAG(counted.deaths) OVER since) / DATEDIFF(counted.day, LAG(counted.day) OVER since),
    NULL
  ) AS deaths_per_day,
  place.population
FROM hospital_by_region AS counted
JOIN v_hospital_day AS reported ON reported.day = counted.day AND reported.is_complete
JOIN v_region AS place ON place.region_code = counted.region_code
WINDOW since AS (PARTITION BY counted.region_code, counted.sex ORDER BY counted.day);

-- Men and women side by side, so that they can be compared whatever sex is chosen elsewhere.
CREATE OR REPLACE SQL SECURITY INVOKER VIEW v_hospital_by_sex AS
SELECT
  counted.day,
  region.region_name,
  SUM(IF(counted.sex = 1, counted.hospitalised, 0)) AS men,
  SUM(IF(counted.sex = 2, counted.hospitalised, 0)) AS women,
  SUM(IF(counted.sex = 1, counted.intensive_care, 0)) AS men_in_intensive_care,
  SUM(IF(counted.sex = 2, counted.intensive_care, 0)) AS women_in_intensive_care
FROM hospital_by_region AS counted
JOIN v_hospital_day AS reported ON reported.day = counted.day AND reported.is_complete
JOIN region ON region.region_code = counted.region_code
WHERE counted.sex > 0
GROUP BY counted.day, region.region_name;

CREATE OR REPLACE SQL SECURITY INVOKER VIEW v_hospital_month AS
SELECT
  counted.month_end,
  counted.department,
  place.department_name,
  place.map_code,
  place.region_name,
  counted.sex,
  ELT(counted.sex + 1, 'All', 'Men', 'Women') AS sex_name,
  counted.days,
  counted.hospitalised_days,
  counted.intensive_care_days,
  place.population
FROM hospital_by_month AS counted
JOIN v_department AS place ON place.department = counted.department;

-- The newest complete day, and a week before it.
CREATE OR REPLACE SQL SECURITY INVOKER VIEW v_hospital_newest AS
SELECT
  fact.day,
  fact.department,
  place.department_name,
  place.map_code,
  place.region_name,
  fact.sex,
  ELT(fact.sex + 1, 'All', 'Men', 'Women') AS sex_name,
  fact.hospitalised,
  fact.intensive_care,
  fact.returned_home,
  fact.deaths,
  week_before.hospitalised AS hospitalised_week_before,
  place.population
FROM (SELECT MAX(day) AS day FROM v_hospital_day WHERE is_complete) AS newest
JOIN v_department AS place
JOIN v_hospital AS fact ON fact.department = place.department AND fact.sex IN (0, 1, 2) AND fact.day = newest.day
LEFT JOIN hospital AS week_before
  ON week_before.department = fact.department
  AND week_before.sex = fact.sex
  AND week_before.day = fact.day - INTERVAL 7 DAY;
