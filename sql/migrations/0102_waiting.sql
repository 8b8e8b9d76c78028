-- A feed that has records waiting and commits nothing is not called running.
ALTER TABLE pipeline_feed MODIFY COLUMN state ENUM('starting','running','retrying','stopped','waiting') NOT NULL COMMENT 'what the query does; waiting: records wait, and nothing is committed';

ALTER TABLE pipeline_feed MODIFY COLUMN message TEXT COMMENT 'why it waits, retries or stopped, one sentence';
