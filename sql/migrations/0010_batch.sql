-- Replaced as a whole by the batch jobs (spark/jobs), each in one transaction.

CREATE TABLE IF NOT EXISTS batch_job (
  job VARCHAR(64) NOT NULL COMMENT 'name of the job',
  state ENUM('done','failed') NOT NULL COMMENT 'how its last run ended',
  message TEXT NOT NULL COMMENT 'what it did, or why it failed, one sentence',
  rows_read BIGINT NOT NULL COMMENT 'rows its last run read',
  rows_written BIGINT NOT NULL COMMENT 'rows its last run wrote',
  started_at DATETIME(3) NOT NULL COMMENT 'when its last run began, UTC',
  finished_at DATETIME(3) NOT NULL COMMENT 'when its last run ended, UTC',
  done_at DATETIME(3) COMMENT 'when it last ended well, UTC',
  PRIMARY KEY (job)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COMMENT='One row per batch job: how its last run ended' COLLATE utf8mb4_0900_bin;

CREATE TABLE IF NOT EXISTS weather_correlation (
  variable_x VARCHAR(40) NOT NULL COMMENT 'one variable, with its unit',
  variable_y VARCHAR(40) NOT NULL COMMENT 'the other variable, with its unit',
  correlation DOUBLE COMMENT 'Pearson''s coefficient, -1 to 1; NULL where one of them never changes',
  observations BIGINT NOT NULL COMMENT 'observations that have both',
  PRIMARY KEY (variable_x, variable_y)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COMMENT='How two variables of the weather go together, over all observations; made by the batch job weather' COLLATE utf8mb4_0900_bin;

CREATE TABLE IF NOT EXISTS weather_humidity_by_city (
  city VARCHAR(100) NOT NULL COMMENT 'city; empty where the source names none',
  country CHAR(2) NOT NULL COMMENT 'country, two letters; empty where neither the source nor weather_city knows it',
  observations BIGINT NOT NULL COMMENT 'observations with a humidity',
  mean_humidity DECIMAL(5, 2) NOT NULL COMMENT 'mean relative humidity, percent',
  least_humidity DECIMAL(5, 2) NOT NULL COMMENT 'least relative humidity, percent',
  greatest_humidity DECIMAL(5, 2) NOT NULL COMMENT 'greatest relative humidity, percent',
  PRIMARY KEY (city, country)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COMMENT='Humidity per city over all observations; made by the batch job weather' COLLATE utf8mb4_0900_bin;

CREATE TABLE IF NOT EXISTS weather_wet_cities_by_day (
  observed_day DATE NOT NULL COMMENT 'day, UTC',
  country CHAR(2) NOT NULL COMMENT 'country, two letters; empty where neither the source nor weather_city knows it',
  cities BIGINT NOT NULL COMMENT 'cities that were observed',
  rain_cities BIGINT NOT NULL COMMENT 'cities with rain at least once',
  snow_cities BIGINT NOT NULL COMMENT 'cities with snow at least once, or fresh snow stated for the day',
  PRIMARY KEY (observed_day, country)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COMMENT='How many cities had rain, and snow, on each day; made by the batch job weather' COLLATE utf8mb4_0900_bin;

-- The results by the names that dashboards show.
CREATE OR REPLACE SQL SECURITY INVOKER VIEW v_weather_humidity AS
SELECT
  IF(city = '', '(not stated)', city) AS city,
  IF(country = '', '(not stated)', country) AS country,
  observations,
  mean_humidity,
  least_humidity,
  greatest_humidity
FROM weather_humidity_by_city;

CREATE OR REPLACE SQL SECURITY INVOKER VIEW v_weather_wet_cities AS
SELECT observed_day, IF(country = '', '(not stated)', country) AS country, cities, rain_cities, snow_cities
FROM weather_wet_cities_by_day;
