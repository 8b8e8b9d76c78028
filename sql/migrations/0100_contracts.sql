-- Feeds' tables are made and changed from their contracts (sql/evolve); the number leaves those free that feeds of a
-- person's own once took. A contract's version was a number kept by hand.

CREATE TABLE IF NOT EXISTS pipeline_contract (
  feed VARCHAR(64) NOT NULL COMMENT 'the feed',
  version CHAR(12) COMMENT 'digest of the contract that its tables fit; NULL: not known',
  contract JSON COMMENT 'that contract',
  views CHAR(12) COMMENT 'digest of the views that were made beside its tables',
  to_fill JSON COMMENT 'columns to be filled from extra, each with the headers to look under',
  state ENUM('in_use','asked','paused') NOT NULL COMMENT 'asked: the stream shall pause the feed; paused: its tables may change',
  changed_at DATETIME(3) NOT NULL COMMENT 'last change of this row',
  PRIMARY KEY (feed)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COMMENT='The contract that each feed''s tables were made from' COLLATE utf8mb4_0900_bin;

ALTER TABLE pipeline_feed MODIFY COLUMN contract_version VARCHAR(12) NOT NULL COMMENT 'version of the contract in use';

ALTER TABLE pipeline_load MODIFY COLUMN contract_version VARCHAR(12) NOT NULL COMMENT 'version of the contract it was cleaned with';
