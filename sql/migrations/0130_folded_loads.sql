-- Old loads of a feed are folded: those of a day become one row, the last of them (sql/upkeep). People and dashboards read
-- single loads, as a sum of a day has no rate. A column is added only where it is missing, since every statement may run again.

SET @change = IF(
  EXISTS (SELECT 1 FROM information_schema.columns
    WHERE table_schema = DATABASE() AND table_name = 'pipeline_load' AND column_name = 'loads'),
  'DO 0',
  "ALTER TABLE pipeline_load
    ADD COLUMN first_load_id BIGINT COMMENT 'of a row that is the sum of several loads: the first of them',
    ADD COLUMN loads BIGINT NOT NULL COMMENT 'loads that it is the sum of' DEFAULT '1'"
);
PREPARE change_table FROM @change;
EXECUTE change_table;
DEALLOCATE PREPARE change_table;

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
  WHERE state = 'committed' AND loads = 1
) AS timed;
