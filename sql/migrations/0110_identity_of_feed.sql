-- An identity belongs to its feed. Versions of a source are ordered by numbers: of what is there, the milliseconds since
-- 1970 of the clock that was believed before. Each load keeps what it refused, until its commit has compared it.
-- A column is added only where it is missing, since every statement may run again.

ALTER TABLE quarantine DROP PRIMARY KEY, ADD PRIMARY KEY (feed, source_id, row_no, load_id);

ALTER TABLE pipeline_replaced MODIFY COLUMN source_id BIGINT NOT NULL COMMENT 'the source whose rows were taken out',
  MODIFY COLUMN replaced_at DATETIME(3) NOT NULL COMMENT 'when that one''s first record was sent',
  MODIFY COLUMN load_id BIGINT NOT NULL COMMENT 'the load that did it: rows of it and older ones have left',
  DROP PRIMARY KEY, ADD PRIMARY KEY (feed, source_id),
  COMMENT 'Sources that a newer version has replaced, also those that came back';

SET @change = IF(
  EXISTS (SELECT 1 FROM information_schema.columns
    WHERE table_schema = DATABASE() AND table_name = 'pipeline_replaced' AND column_name = 'version'),
  'DO 0',
  "ALTER TABLE pipeline_replaced ADD COLUMN
    version BIGINT NOT NULL COMMENT 'of the source that took its place; it counts again in a greater one' DEFAULT '0'"
);
PREPARE change_table FROM @change;
EXECUTE change_table;

UPDATE pipeline_replaced SET version = TIMESTAMPDIFF(MICROSECOND, '1970-01-01', replaced_at) DIV 1000
WHERE version = 0;

SET @change = IF(
  EXISTS (SELECT 1 FROM information_schema.columns
    WHERE table_schema = DATABASE() AND table_name = 'pipeline_source' AND column_name = 'version'),
  'DO 0',
  "ALTER TABLE pipeline_source
    ADD COLUMN version BIGINT COMMENT 'newest that its records named: greater is later; NULL: none did',
    ADD COLUMN newest_sent_at DATETIME(3) COMMENT 'when its newest record was sent'"
);
PREPARE change_table FROM @change;
EXECUTE change_table;

DEALLOCATE PREPARE change_table;
