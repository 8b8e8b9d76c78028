-- Share prices: facts, a rollup, and what people read.
-- The tables of the contract are printed by `python -m lab ddl shares`.

CREATE TABLE IF NOT EXISTS shares (
  source_id BIGINT NOT NULL COMMENT 'identity: 63-bit digest of where the record is from',
  row_no BIGINT NOT NULL COMMENT 'identity: the record''s number in its source, from 1',
  load_id BIGINT NOT NULL COMMENT 'the load that brought the row, see pipeline_load',
  symbol VARCHAR(12) NOT NULL COMMENT 'The share''s short name at its exchange',
  price DECIMAL(14, 4) NOT NULL COMMENT 'Price in US dollars',
  price_change DECIMAL(14, 4) COMMENT 'Difference to the day before in US dollars, with its sign',
  volume BIGINT COMMENT 'Shares traded since the exchange opened',
  extra JSON COMMENT 'columns the contract does not know, as they stood',
  sent_at DATETIME(3) COMMENT 'when the producer sent it, UTC',
  PRIMARY KEY (source_id, row_no),
  KEY shares_load (load_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COMMENT='Prices of shares as a market prints them, one row per quote' COLLATE utf8mb4_0900_bin;

CREATE TABLE IF NOT EXISTS shares_by_symbol (
  symbol VARCHAR(12) NOT NULL COMMENT 'The share''s short name at its exchange',
  quotes BIGINT NOT NULL COMMENT 'Quotes',
  price_sum DECIMAL(24, 4) NOT NULL COMMENT 'Sum of prices, for their mean, US dollars',
  rises BIGINT NOT NULL COMMENT 'Quotes above the day before',
  PRIMARY KEY (symbol)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COMMENT='Quotes per share' COLLATE utf8mb4_0900_bin;

CREATE OR REPLACE SQL SECURITY INVOKER VIEW v_shares AS
SELECT fact.*
FROM shares AS fact
JOIN pipeline_feed AS feed ON feed.feed = 'shares'
WHERE fact.load_id <= feed.committed_load_id;
