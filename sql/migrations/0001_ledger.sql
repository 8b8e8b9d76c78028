-- The ledger: who may load, how far each feed is, every load, what was refused. The protocol: docs/exactly-once.md.

CREATE TABLE IF NOT EXISTS pipeline_app (
  app VARCHAR(64) NOT NULL COMMENT 'name of the application',
  epoch BIGINT NOT NULL COMMENT 'raised by every owner; an older one may write no more',
  owner VARCHAR(190) NOT NULL COMMENT 'host and process of the owner',
  connection_id BIGINT COMMENT 'the owner''s connection that renews the lease',
  lease_until DATETIME(3) COMMENT 'the owner is alive until then',
  started_at DATETIME(3) COMMENT 'when this owner took over',
  PRIMARY KEY (app)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COMMENT='Who may load: one owner per application' COLLATE utf8mb4_0900_bin;

CREATE TABLE IF NOT EXISTS pipeline_feed (
  feed VARCHAR(64) NOT NULL COMMENT 'name of the feed',
  topic VARCHAR(249) NOT NULL COMMENT 'its Kafka topic',
  topic_uuid CHAR(22) NOT NULL COMMENT 'id of that topic; a recreated topic has another',
  committed_load_id BIGINT NOT NULL COMMENT 'newest committed load; readers see rows up to it' DEFAULT '0',
  end_offsets JSON NOT NULL COMMENT 'per partition, the offset after the last committed record',
  latest_offsets JSON COMMENT 'per partition, the topic''s end when last looked at',
  contract_version INTEGER NOT NULL COMMENT 'version of the contract in use',
  state ENUM('starting','running','retrying','stopped') NOT NULL COMMENT 'what the query does',
  message TEXT COMMENT 'why it retries or stopped, one sentence',
  read_count BIGINT NOT NULL COMMENT 'records read = loaded + updated + duplicates + quarantined' DEFAULT '0',
  loaded BIGINT NOT NULL COMMENT 'records that became a new row' DEFAULT '0',
  updated BIGINT NOT NULL COMMENT 'records that replaced an older version of their key' DEFAULT '0',
  duplicates BIGINT NOT NULL COMMENT 'records that changed nothing' DEFAULT '0',
  quarantined BIGINT NOT NULL COMMENT 'records refused for the first time' DEFAULT '0',
  table_rows BIGINT NOT NULL COMMENT 'committed rows in the fact table' DEFAULT '0',
  lag_records BIGINT COMMENT 'records in the topic that are not committed yet',
  freshness_seconds DOUBLE COMMENT 'age of the oldest record not committed yet, 0 when there is none',
  updated_at DATETIME(3) NOT NULL COMMENT 'last change of this row',
  PRIMARY KEY (feed)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COMMENT='One row per feed: how far it is, how it is, and its totals' COLLATE utf8mb4_0900_bin;

CREATE TABLE IF NOT EXISTS pipeline_load (
  load_id BIGINT NOT NULL COMMENT 'number of the load, rising' AUTO_INCREMENT,
  app VARCHAR(64) NOT NULL COMMENT 'application that loads',
  epoch BIGINT NOT NULL COMMENT 'its owner''s epoch',
  feed VARCHAR(64) NOT NULL COMMENT 'feed that is loaded',
  topic_uuid CHAR(22) NOT NULL COMMENT 'id of the topic it was read from',
  start_offsets JSON NOT NULL COMMENT 'per partition, the first offset read',
  end_offsets JSON NOT NULL COMMENT 'per partition, the offset after the last one read',
  contract_version INTEGER NOT NULL COMMENT 'version of the contract it was cleaned with',
  state ENUM('pending','committed','undone') NOT NULL COMMENT 'pending rows are seen by nobody',
  read_count BIGINT NOT NULL COMMENT 'records read = loaded + updated + duplicates + quarantined' DEFAULT '0',
  loaded BIGINT NOT NULL COMMENT 'records that became a new row' DEFAULT '0',
  updated BIGINT NOT NULL COMMENT 'records that replaced an older version of their key' DEFAULT '0',
  duplicates BIGINT NOT NULL COMMENT 'records that changed nothing' DEFAULT '0',
  quarantined BIGINT NOT NULL COMMENT 'records refused for the first time' DEFAULT '0',
  oldest_sent_at DATETIME(3) COMMENT 'when its oldest record was sent',
  newest_sent_at DATETIME(3) COMMENT 'when its newest record was sent',
  started_at DATETIME(3) NOT NULL COMMENT 'when it began',
  finished_at DATETIME(3) COMMENT 'when it was committed or undone',
  PRIMARY KEY (load_id),
  KEY pipeline_load_feed (feed, state),
  KEY pipeline_load_finished (finished_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COMMENT='One row per load: a range of offsets that is committed as a whole or undone' COLLATE utf8mb4_0900_bin;

CREATE TABLE IF NOT EXISTS pipeline_load_source (
  load_id BIGINT NOT NULL COMMENT 'the committed load',
  source_id BIGINT NOT NULL COMMENT 'a source it had records of',
  origin ENUM('file','api','device','simulator','console') NOT NULL COMMENT 'what kind of source it is',
  read_count BIGINT NOT NULL COMMENT 'records read = loaded + updated + duplicates + quarantined' DEFAULT '0',
  loaded BIGINT NOT NULL COMMENT 'records that became a new row' DEFAULT '0',
  updated BIGINT NOT NULL COMMENT 'records that replaced an older version of their key' DEFAULT '0',
  duplicates BIGINT NOT NULL COMMENT 'records that changed nothing' DEFAULT '0',
  quarantined BIGINT NOT NULL COMMENT 'records refused for the first time' DEFAULT '0',
  PRIMARY KEY (load_id, source_id),
  KEY pipeline_load_source_source (source_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COMMENT='The counts of each committed load, per source' COLLATE utf8mb4_0900_bin;

CREATE TABLE IF NOT EXISTS pipeline_source (
  feed VARCHAR(64) NOT NULL COMMENT 'its feed',
  source_id BIGINT NOT NULL COMMENT 'the source',
  origin ENUM('file','api','device','simulator','console') NOT NULL COMMENT 'what kind of source it is',
  read_count BIGINT NOT NULL COMMENT 'records read = loaded + updated + duplicates + quarantined' DEFAULT '0',
  loaded BIGINT NOT NULL COMMENT 'records that became a new row' DEFAULT '0',
  updated BIGINT NOT NULL COMMENT 'records that replaced an older version of their key' DEFAULT '0',
  duplicates BIGINT NOT NULL COMMENT 'records that changed nothing' DEFAULT '0',
  quarantined BIGINT NOT NULL COMMENT 'records refused for the first time' DEFAULT '0',
  load_id BIGINT NOT NULL COMMENT 'newest load that had records of it',
  PRIMARY KEY (feed, source_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COMMENT='The counts of each source over all committed loads' COLLATE utf8mb4_0900_bin;

CREATE TABLE IF NOT EXISTS pipeline_replaced (
  source_id BIGINT NOT NULL COMMENT 'the source whose rows were taken out' AUTO_INCREMENT,
  feed VARCHAR(64) NOT NULL COMMENT 'its feed',
  replaced_by BIGINT NOT NULL COMMENT 'the source that took its place',
  replaced_at DATETIME(3) NOT NULL COMMENT 'records of the old source sent later than this count again',
  load_id BIGINT NOT NULL COMMENT 'the load that did it',
  PRIMARY KEY (source_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COMMENT='Sources that a newer version has replaced' COLLATE utf8mb4_0900_bin;

CREATE TABLE IF NOT EXISTS quarantine (
  source_id BIGINT NOT NULL COMMENT 'identity: where the record is from',
  row_no BIGINT NOT NULL COMMENT 'identity: its number there',
  feed VARCHAR(64) NOT NULL COMMENT 'feed that refused it',
  load_id BIGINT NOT NULL COMMENT 'the load that refused it',
  topic VARCHAR(249) NOT NULL COMMENT 'Kafka topic',
  kafka_partition INTEGER NOT NULL COMMENT 'partition',
  kafka_offset BIGINT NOT NULL COMMENT 'offset',
  raw LONGBLOB COMMENT 'the record''s bytes as they stood in Kafka',
  reasons JSON NOT NULL COMMENT 'every reason: column, value, reason',
  sent_at DATETIME(3) COMMENT 'when the producer sent it',
  quarantined_at DATETIME(3) NOT NULL COMMENT 'when it was refused',
  resolved_load_id BIGINT COMMENT 'the later load that took it in',
  resolved_at DATETIME(3) COMMENT 'when that load was committed',
  PRIMARY KEY (source_id, row_no),
  KEY quarantine_feed (feed, resolved_load_id, quarantined_at),
  KEY quarantine_load (load_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COMMENT='Records that were refused, with every reason' COLLATE utf8mb4_0900_bin;

CREATE TABLE IF NOT EXISTS pipeline_sample (
  feed VARCHAR(64) NOT NULL COMMENT 'the feed',
  sampled_at DATETIME NOT NULL COMMENT 'when it was looked at',
  lag_records BIGINT NOT NULL COMMENT 'records in the topic that were not committed yet',
  freshness_seconds DOUBLE COMMENT 'age of the oldest record not committed yet, 0 when there was none',
  PRIMARY KEY (feed, sampled_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COMMENT='Lag and freshness of each feed every ten seconds, kept for seven days' COLLATE utf8mb4_0900_bin;
