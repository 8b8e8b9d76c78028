-- Contracts were loaded that were dated in the year 0218; they are flagged now.

INSERT IGNORE INTO procurement_flag (flag, place, meaning) VALUES
  ('odd_date', 11, 'The contract is dated before 1990 or after 2099: its year is misspelt.');
