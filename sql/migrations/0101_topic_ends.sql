-- What identifies the last record of each load, so that a topic which ends before the ledger is found out, and where a feed's
-- offsets do not follow each other. Loads of before have neither.

CREATE TABLE IF NOT EXISTS pipeline_load_partition (
  load_id BIGINT NOT NULL COMMENT 'the committed load',
  kafka_partition INTEGER NOT NULL COMMENT 'a partition that the load went on in',
  feed VARCHAR(64) NOT NULL COMMENT 'its feed',
  topic_uuid CHAR(22) NOT NULL COMMENT 'id of the topic it was read from',
  read_count BIGINT NOT NULL COMMENT 'records read there' DEFAULT '0',
  gaps BIGINT NOT NULL COMMENT 'offsets that held no record: marks of transactions, aborted, deleted or compacted records' DEFAULT '0',
  last_offset BIGINT COMMENT 'the last record read there',
  last_digest CHAR(16) COMMENT 'digest of that record''s time and bytes',
  PRIMARY KEY (load_id, kafka_partition),
  KEY pipeline_load_partition_mark (feed, topic_uuid, kafka_partition, load_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COMMENT='What each committed load read of each partition, and what identifies its last record there' COLLATE utf8mb4_0900_bin;

CREATE TABLE IF NOT EXISTS pipeline_jump (
  jump_id BIGINT NOT NULL COMMENT 'number of the jump, rising' AUTO_INCREMENT,
  feed VARCHAR(64) NOT NULL COMMENT 'the feed',
  topic_uuid CHAR(22) NOT NULL COMMENT 'id of the topic that it goes on in',
  kafka_partition INTEGER NOT NULL COMMENT 'the partition',
  kind ENUM('cut','dropped','renewed') NOT NULL COMMENT 'cut: the topic no longer holds what was loaded last; dropped: it no longer holds what comes next; renewed: it is another topic',
  from_offset BIGINT NOT NULL COMMENT 'where the ledger ended',
  to_offset BIGINT NOT NULL COMMENT 'where it goes on',
  typed_from BIGINT COMMENT 'from here on typed records are others than those loaded before',
  load_id BIGINT NOT NULL COMMENT 'the feed''s newest committed load then',
  found_at DATETIME(3) NOT NULL COMMENT 'when it was found',
  PRIMARY KEY (jump_id),
  KEY pipeline_jump_feed (feed, topic_uuid)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COMMENT='Where a feed''s offsets do not follow each other, and why' COLLATE utf8mb4_0900_bin;
