-- Of refused records as many bytes are kept as a feed may have; of the oldest only the first (sql/upkeep/refusals.py). How many
-- bytes each has stands in an index: of values that lie apart MySQL would read every one to know. Column and index in two steps,
-- neither of which copies the table. A column is added only where it is missing, since every statement may run again.

SET @change = IF(
  EXISTS (SELECT 1 FROM information_schema.columns
    WHERE table_schema = DATABASE() AND table_name = 'quarantine' AND column_name = 'raw_length'),
  'DO 0',
  "ALTER TABLE quarantine
    ADD COLUMN raw_length INTEGER GENERATED ALWAYS AS (OCTET_LENGTH(raw)) VIRTUAL COMMENT 'bytes that raw has',
    ADD COLUMN cut_from BIGINT COMMENT 'bytes that the record had, where raw keeps the first of them only'"
);
PREPARE change_table FROM @change;
EXECUTE change_table;
DEALLOCATE PREPARE change_table;

SET @change = IF(
  EXISTS (SELECT 1 FROM information_schema.statistics
    WHERE table_schema = DATABASE() AND table_name = 'quarantine' AND index_name = 'quarantine_size'),
  'DO 0',
  'ALTER TABLE quarantine ADD KEY quarantine_size (feed, resolved_load_id, load_id, raw_length)'
);
PREPARE change_table FROM @change;
EXECUTE change_table;
DEALLOCATE PREPARE change_table;

CREATE OR REPLACE SQL SECURITY INVOKER VIEW v_quarantine AS
SELECT refused.*
FROM quarantine AS refused
JOIN pipeline_feed AS feed ON feed.feed = refused.feed
WHERE refused.load_id <= feed.committed_load_id;
