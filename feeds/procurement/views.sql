-- What dashboards read of the feed, beside v_procurement. Run by `make up` after its tables, again when this file changes.

-- The steps of distance in words, in their order.
CREATE OR REPLACE SQL SECURITY INVOKER VIEW v_procurement_by_month AS
SELECT
  NULLIF(month, DATE('1000-01-01')) AS month,
  COALESCE(NULLIF(nature, ''), 'not known') AS nature,
  COALESCE(NULLIF(supplier_size, ''), 'NC') AS supplier_size,
  type,
  CASE distance_from
    WHEN -1 THEN 'not known'
    WHEN 0 THEN '1 · under 10 km'
    WHEN 10 THEN '2 · 10 to 25 km'
    WHEN 25 THEN '3 · 25 to 50 km'
    WHEN 50 THEN '4 · 50 to 100 km'
    WHEN 100 THEN '5 · 100 to 250 km'
    WHEN 250 THEN '6 · 250 to 500 km'
    WHEN 500 THEN '7 · 500 to 1,000 km'
    ELSE '8 · 1,000 km and more'
  END AS distance_step,
  contracts, counted, amount_sum, distances, distance_sum, flagged
FROM procurement_by_month;

CREATE OR REPLACE SQL SECURITY INVOKER VIEW v_procurement_by_buyer AS
SELECT
  NULLIF(month, DATE('1000-01-01')) AS month,
  COALESCE(NULLIF(nature, ''), 'not known') AS nature,
  COALESCE(NULLIF(supplier_size, ''), 'NC') AS supplier_size,
  COALESCE(NULLIF(buyer_name, ''), 'not named') AS buyer_name,
  contracts, counted, amount_sum, distances, distance_sum, flagged
FROM procurement_by_buyer;

-- What is bought: the text where the source has one, else the title of the code's division.
CREATE OR REPLACE SQL SECURITY INVOKER VIEW v_procurement_by_cpv AS
SELECT
  NULLIF(bought.month, DATE('1000-01-01')) AS month,
  COALESCE(NULLIF(bought.nature, ''), 'not known') AS nature,
  COALESCE(NULLIF(bought.supplier_size, ''), 'NC') AS supplier_size,
  COALESCE(NULLIF(bought.cpv_text, ''), division.title, 'not said') AS cpv,
  bought.contracts, bought.counted, bought.amount_sum, bought.distances, bought.distance_sum, bought.flagged
FROM procurement_by_cpv AS bought
LEFT JOIN procurement_cpv_division AS division ON division.division = LEFT(bought.cpv_code, 2);

-- Buyers of metropolitan France on the map, by their fifth of a degree.
CREATE OR REPLACE SQL SECURITY INVOKER VIEW v_procurement_map AS
SELECT
  'buyers' AS layer,
  NULLIF(month, DATE('1000-01-01')) AS month,
  COALESCE(NULLIF(nature, ''), 'not known') AS nature,
  COALESCE(NULLIF(supplier_size, ''), 'NC') AS supplier_size,
  latitude_step * 1000 + longitude_step AS place, -- a number: as text, grouping by it would take six times as long
  latitude_step,
  longitude_step,
  contracts,
  amount_sum
FROM procurement_by_buyer
WHERE latitude_step BETWEEN 205 AND 257 AND longitude_step BETWEEN -28 AND 50;

-- One row per flag of a flagged contract; a contract with two flags stands twice.
CREATE OR REPLACE SQL SECURITY INVOKER VIEW v_procurement_flag AS
SELECT
  NULLIF(flagged.month, DATE('1000-01-01')) AS month,
  COALESCE(NULLIF(flagged.nature, ''), 'not known') AS nature,
  COALESCE(NULLIF(flagged.supplier_size, ''), 'NC') AS supplier_size,
  COALESCE(NULLIF(flagged.buyer_name, ''), 'not named') AS buyer_name,
  COALESCE(NULLIF(flagged.id_as_published, ''), 'none') AS id_as_published,
  flag.flag,
  flag.meaning,
  flagged.contracts,
  flagged.published_sum,
  flagged.lost_characters
FROM procurement_flagged AS flagged
JOIN procurement_flag AS flag ON FIND_IN_SET(flag.flag, flagged.flags);
