-- Sales: facts, rollups, and what dashboards read.
-- The tables of the contract are printed by `python -m lab ddl sales`.

CREATE TABLE IF NOT EXISTS sales (
  source_id BIGINT NOT NULL COMMENT 'identity: 63-bit digest of where the record is from',
  row_no BIGINT NOT NULL COMMENT 'identity: the record''s number in its source, from 1',
  load_id BIGINT NOT NULL COMMENT 'the load that brought the row, see pipeline_load',
  invoice_no VARCHAR(20) NOT NULL COMMENT 'Invoice; C in front of a cancellation, A in front of an adjustment',
  stock_code VARCHAR(20) NOT NULL COMMENT 'Article, or a charge such as POST',
  description VARCHAR(255) COMMENT 'Article in words; for corrections what the shop noted',
  quantity INTEGER NOT NULL COMMENT 'Pieces; negative for cancellations and corrections',
  sold_at DATETIME NOT NULL COMMENT 'When the invoice was written, the shop''s own time',
  unit_price DECIMAL(12, 3) NOT NULL COMMENT 'Price of a piece in pounds sterling; negative for adjustments',
  customer_id INTEGER COMMENT 'Customer; NULL where the till did not know them',
  region VARCHAR(40) NOT NULL COMMENT 'Region of the sale: the customer''s country',
  amount DECIMAL(22, 3) NOT NULL COMMENT 'Quantity times price in pounds sterling, exact',
  is_cancelled TINYINT(1) NOT NULL COMMENT 'Whether the line takes a sale back: its invoice begins with C',
  is_charge TINYINT(1) NOT NULL COMMENT 'Whether the line is no article: postage, fees, discounts, manual corrections',
  product VARCHAR(255) NOT NULL COMMENT 'The article for people: its description, its code where it has none',
  extra JSON COMMENT 'columns the contract does not know, as they stood',
  sent_at DATETIME(3) COMMENT 'when the producer sent it, UTC',
  PRIMARY KEY (source_id, row_no),
  KEY sales_load (load_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COMMENT='Lines of a shop''s invoices, cancellations among them (UCI Online Retail by day, or the shop simulator)' COLLATE utf8mb4_0900_bin;

CREATE TABLE IF NOT EXISTS sales_by_product (
  sold_on DATE NOT NULL COMMENT 'Day of the sale',
  region VARCHAR(40) NOT NULL COMMENT 'Region of the sale: the customer''s country',
  product VARCHAR(255) NOT NULL COMMENT 'The article for people: its description, its code where it has none',
  is_charge TINYINT(1) NOT NULL COMMENT 'Whether the line is no article: postage, fees, discounts, manual corrections',
  line_count BIGINT NOT NULL COMMENT 'Invoice lines',
  cancelled_lines BIGINT NOT NULL COMMENT 'Lines of cancellations',
  units BIGINT NOT NULL COMMENT 'Pieces sold less those that came back',
  amount_sum DECIMAL(30, 3) NOT NULL COMMENT 'Revenue less cancellations, pounds sterling',
  cancelled_sum DECIMAL(30, 3) NOT NULL COMMENT 'Sum of the cancellations, pounds sterling, negative',
  PRIMARY KEY (sold_on, region, product, is_charge)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COMMENT='Sales per day, region and product' COLLATE utf8mb4_0900_bin;

CREATE TABLE IF NOT EXISTS sales_by_hour (
  sold_hour DATETIME NOT NULL COMMENT 'Beginning of the hour of the sale',
  region VARCHAR(40) NOT NULL COMMENT 'Region of the sale: the customer''s country',
  line_count BIGINT NOT NULL COMMENT 'Invoice lines',
  cancelled_lines BIGINT NOT NULL COMMENT 'Lines of cancellations',
  units BIGINT NOT NULL COMMENT 'Pieces sold less those that came back',
  amount_sum DECIMAL(30, 3) NOT NULL COMMENT 'Revenue less cancellations, pounds sterling',
  cancelled_sum DECIMAL(30, 3) NOT NULL COMMENT 'Sum of the cancellations, pounds sterling, negative',
  PRIMARY KEY (sold_hour, region)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COMMENT='Sales per hour and region' COLLATE utf8mb4_0900_bin;

CREATE TABLE IF NOT EXISTS sales_by_basket (
  sold_on DATE NOT NULL COMMENT 'Day of the sale',
  region VARCHAR(40) NOT NULL COMMENT 'Region of the sale: the customer''s country',
  invoice_no VARCHAR(20) NOT NULL COMMENT 'Invoice; C in front of a cancellation, A in front of an adjustment',
  is_cancelled TINYINT(1) NOT NULL COMMENT 'Whether the line takes a sale back: its invoice begins with C',
  line_count BIGINT NOT NULL COMMENT 'Invoice lines',
  cancelled_lines BIGINT NOT NULL COMMENT 'Lines of cancellations',
  units BIGINT NOT NULL COMMENT 'Pieces sold less those that came back',
  amount_sum DECIMAL(30, 3) NOT NULL COMMENT 'Revenue less cancellations, pounds sterling',
  cancelled_sum DECIMAL(30, 3) NOT NULL COMMENT 'Sum of the cancellations, pounds sterling, negative',
  PRIMARY KEY (sold_on, region, invoice_no, is_cancelled)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COMMENT='One row per invoice: what was in the basket' COLLATE utf8mb4_0900_bin;

CREATE OR REPLACE SQL SECURITY INVOKER VIEW v_sales AS
SELECT fact.*
FROM sales AS fact
JOIN pipeline_feed AS feed ON feed.feed = 'sales'
WHERE fact.load_id <= feed.committed_load_id;

-- The hours of a week, in words that sort.
CREATE OR REPLACE SQL SECURITY INVOKER VIEW v_sales_by_hour AS
SELECT
  sold_hour,
  DATE_FORMAT(sold_hour, '%H:00') AS hour_of_day,
  ELT(WEEKDAY(sold_hour) + 1, '1 Mon', '2 Tue', '3 Wed', '4 Thu', '5 Fri', '6 Sat', '7 Sun') AS weekday,
  region, line_count, cancelled_lines, units, amount_sum, cancelled_sum
FROM sales_by_hour;

-- Invoices, each with the step that its number of lines lies in. What takes a sale back is no basket.
CREATE OR REPLACE SQL SECURITY INVOKER VIEW v_sales_basket AS
SELECT
  sold_on, region, invoice_no, is_cancelled, line_count, units, amount_sum,
  CASE
    WHEN is_cancelled THEN 'cancellation'
    WHEN line_count = 1 THEN '1 · one line'
    WHEN line_count <= 3 THEN '2 · 2 to 3'
    WHEN line_count <= 6 THEN '3 · 4 to 6'
    WHEN line_count <= 12 THEN '4 · 7 to 12'
    WHEN line_count <= 25 THEN '5 · 13 to 25'
    WHEN line_count <= 50 THEN '6 · 26 to 50'
    ELSE '7 · over 50'
  END AS basket_step
FROM sales_by_basket;

-- What each day took in and gave back, per region and product, in words for filters.
CREATE OR REPLACE SQL SECURITY INVOKER VIEW v_sales_by_product AS
SELECT
  sold_on, region, product, IF(is_charge, 'charges', 'articles') AS kind,
  line_count, cancelled_lines, units, amount_sum, cancelled_sum
FROM sales_by_product;
