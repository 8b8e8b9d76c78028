-- What dashboards read of the feed, beside v_sales. Run by `make up` after its tables, again when this file changes.

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
