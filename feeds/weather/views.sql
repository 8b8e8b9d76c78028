-- What dashboards read of the feed, beside v_weather. Run by `make up` after its tables, again when this file changes.

-- Hours of a city. A city that came without a country is the one of that name in weather_city.
CREATE OR REPLACE SQL SECURITY INVOKER VIEW v_weather_hour AS
SELECT
  hours.observed_hour,
  IF(hours.city = '', '(not stated)', hours.city) AS city,
  COALESCE(NULLIF(hours.country, ''), known.country, '(not stated)') AS country,
  hours.observations,
  hours.temperature_sum,
  hours.humidity_rows,
  hours.humidity_sum,
  hours.pressure_rows,
  hours.pressure_sum,
  hours.cloud_rows,
  hours.cloud_sum,
  hours.wind_rows,
  hours.wind_sum,
  hours.precipitation_sum,
  hours.rain_rows,
  hours.snow_rows
FROM weather_by_hour AS hours
LEFT JOIN weather_city AS known ON known.city = hours.city;

-- Days of a city, with the day's means.
CREATE OR REPLACE SQL SECURITY INVOKER VIEW v_weather_day AS
SELECT
  days.observed_day,
  IF(days.city = '', '(not stated)', days.city) AS city,
  COALESCE(NULLIF(days.country, ''), known.country, '(not stated)') AS country,
  CONCAT(days.city, ' ', days.observed_day) AS city_day,
  days.observations,
  days.temperature_sum,
  days.humidity_rows,
  days.humidity_sum,
  days.precipitation_sum,
  days.rain_rows,
  days.snow_rows + days.snow_day_rows AS snow_rows,
  days.temperature_sum / days.observations AS mean_temperature,
  days.humidity_sum / NULLIF(days.humidity_rows, 0) AS mean_humidity,
  days.pressure_sum / NULLIF(days.pressure_rows, 0) AS mean_pressure,
  days.cloud_sum / NULLIF(days.cloud_rows, 0) AS mean_cloud_cover,
  days.wind_sum / NULLIF(days.wind_rows, 0) AS mean_wind
FROM weather_by_day AS days
LEFT JOIN weather_city AS known ON known.city = days.city;

-- Where each city lies: the position most of its records bring, else that of weather_city; without either it is on no map.
CREATE OR REPLACE SQL SECURITY INVOKER VIEW v_weather_place AS
SELECT
  newest.city,
  newest.country,
  newest.observed_hour,
  COALESCE(own.latitude, known.latitude) AS latitude,
  COALESCE(own.longitude, known.longitude) AS longitude
FROM (
  SELECT city, country, MAX(observed_hour) AS observed_hour
  FROM weather_by_hour
  GROUP BY city, country
) AS newest
LEFT JOIN (
  SELECT city, country, latitude, longitude, ROW_NUMBER() OVER (PARTITION BY city, country ORDER BY observations DESC, latitude, longitude) AS place
  FROM weather_by_place
) AS own ON own.city = newest.city AND own.country = newest.country AND own.place = 1
LEFT JOIN weather_city AS known ON known.city = newest.city AND newest.country IN ('', known.country);

-- The newest hour of every city, in bands of temperature, over the outline of Europe. It has no column that a dashboard
-- filters by: the outline belongs to no city.
CREATE OR REPLACE SQL SECURITY INVOKER VIEW v_weather_map AS
SELECT
  CONCAT(place.city, ', ', ROUND(hours.temperature_sum / hours.observations), ' °C, ',
    IF(hours.snow_rows > 0, 'snow', IF(hours.rain_rows > 0, 'rain', 'dry'))) AS label,
  CASE
    WHEN hours.temperature_sum / hours.observations < -5 THEN 'below -5 °C'
    WHEN hours.temperature_sum / hours.observations < 0 THEN '-5 to 0 °C'
    WHEN hours.temperature_sum / hours.observations < 5 THEN '0 to 5 °C'
    WHEN hours.temperature_sum / hours.observations < 10 THEN '5 to 10 °C'
    WHEN hours.temperature_sum / hours.observations < 15 THEN '10 to 15 °C'
    WHEN hours.temperature_sum / hours.observations < 20 THEN '15 to 20 °C'
    WHEN hours.temperature_sum / hours.observations < 30 THEN '20 to 30 °C'
    ELSE '30 °C and more'
  END AS band,
  place.longitude AS longitude,
  place.latitude AS latitude,
  1 AS is_city,
  hours.temperature_sum / hours.observations AS temperature,
  hours.observed_hour AS observed_hour
FROM v_weather_place AS place
JOIN weather_by_hour AS hours
  ON hours.city = place.city AND hours.country = place.country AND hours.observed_hour = place.observed_hour
WHERE place.latitude IS NOT NULL
UNION ALL
SELECT
  CONCAT('outline ', outline.point) AS label,
  'coast and border' AS band,
  outline.longitude,
  outline.latitude,
  0 AS is_city,
  NULL AS temperature,
  NULL AS observed_hour
FROM map_outline AS outline;
