-- What dashboards read of the feed, beside v_insurance_rate. Run by `make up` after its tables, again when this file changes.

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
