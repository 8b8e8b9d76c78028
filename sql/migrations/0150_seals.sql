-- From where on in each topic records must be sealed. A lab that has read nothing yet holds no record of an older release.

CREATE TABLE IF NOT EXISTS pipeline_seal (
  lab TINYINT NOT NULL COMMENT '1: there is one row, once it is said',
  said_at DATETIME(3) NOT NULL COMMENT 'when it was said',
  older_ends JSON NOT NULL COMMENT 'by topic id and partition, where records of a release that did not seal end; 0 for all others',
  PRIMARY KEY (lab)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COMMENT='From where on records must be sealed' COLLATE utf8mb4_0900_bin;

INSERT IGNORE INTO pipeline_seal (lab, said_at, older_ends)
SELECT 1, NOW(3), JSON_OBJECT() FROM DUAL WHERE NOT EXISTS (SELECT 1 FROM pipeline_feed);
