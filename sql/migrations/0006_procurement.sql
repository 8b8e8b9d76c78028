-- Public contracts: facts, rollups, what codes and flags mean, and what dashboards read.
-- The tables of the contract are printed by `python -m lab ddl procurement`.

CREATE TABLE IF NOT EXISTS procurement (
  source_id BIGINT NOT NULL COMMENT 'identity: 63-bit digest of where the record is from',
  row_no BIGINT NOT NULL COMMENT 'identity: the record''s number in its source, from 1',
  load_id BIGINT NOT NULL COMMENT 'the load that brought the row, see pipeline_load',
  id_as_published VARCHAR(64) COMMENT 'The contract''s id as it stood; see contract_id',
  type VARCHAR(21) NOT NULL COMMENT 'Marché (contract) or Contrat de concession',
  object_nature VARCHAR(11) COMMENT 'Works, supplies or services, where the source says so; see nature',
  cpv_text VARCHAR(255) COMMENT 'What is bought, the text of the common procurement vocabulary (CSV)',
  published_on DATE COMMENT 'Day the record was published',
  amount DECIMAL(18, 2) NOT NULL COMMENT 'Amount in euros without VAT, as published; see counted_amount',
  price_form VARCHAR(40) COMMENT 'Ferme, Ferme et actualisable or Révisable',
  buyer_name VARCHAR(255) COMMENT 'Public buyer or granting authority',
  buyer_latitude DOUBLE COMMENT 'Latitude of the buyer, degrees north',
  buyer_longitude DOUBLE COMMENT 'Longitude of the buyer, degrees east',
  supplier_size CHAR(3) COMMENT 'Supplier''s size: PME (small, medium), ETI (mid-size), GE (large) or NC (not known)',
  published_distance_km DOUBLE COMMENT 'Distance of buyer and supplier in km as published, latitude and longitude exchanged; see distance_km',
  supplier_latitude DOUBLE COMMENT 'Latitude of the supplier, degrees north',
  supplier_longitude DOUBLE COMMENT 'Longitude of the supplier, degrees east',
  published_month DATE COMMENT 'First day of the month of publication, from 032021',
  notified_on DATE COMMENT 'Day the contract was notified, or the concession signed',
  starts_on DATE COMMENT 'Day the concession begins',
  contract_form VARCHAR(60) COMMENT 'Marché, Accord-cadre, Marché subséquent, or the kind of concession (JSON)',
  object MEDIUMTEXT COMMENT 'What the contract is about (JSON)',
  cpv_code_as_published VARCHAR(16) COMMENT 'Code of the common procurement vocabulary as it stood (JSON); see cpv_code',
  procedure_name VARCHAR(120) COMMENT 'Procedure the buyer followed (JSON)',
  place_code VARCHAR(10) COMMENT 'Place of execution: code of a department, post code, country … (JSON)',
  place_code_type VARCHAR(40) COMMENT 'What kind of code place_code is (JSON)',
  place_name VARCHAR(255) COMMENT 'Place of execution (JSON)',
  duration_months SMALLINT COMMENT 'Duration in months (JSON)',
  buyer_id VARCHAR(20) COMMENT 'Buyer''s SIRET number (JSON)',
  supplier_id VARCHAR(30) COMMENT 'First supplier''s number (JSON); further suppliers stand in extra',
  supplier_id_type VARCHAR(30) COMMENT 'What supplier_id is: SIRET, TVA_INTRACOMMUNAUTAIRE, TAHITI … (JSON)',
  supplier_name VARCHAR(255) COMMENT 'First supplier (JSON)',
  subsidy DECIMAL(18, 2) COMMENT 'Public subsidy of a concession in euros (JSON)',
  publisher VARCHAR(60) COMMENT 'Platform the record was published through (JSON)',
  contract_id VARCHAR(64) COMMENT 'The contract''s id; NULL where a spreadsheet made it a rounded number, which identifies nothing',
  cpv_code CHAR(8) COMMENT 'Eight digits of the common procurement vocabulary; NULL where the published code is none',
  nature VARCHAR(11) COMMENT 'Travaux, Fournitures or Services: as published, else by the CPV code''s division',
  dated_on DATE COMMENT 'Day the contract counts for: notified, else published, else the first of the month of publication',
  dated_month DATE COMMENT 'First day of the month of dated_on',
  counted_amount DECIMAL(18, 2) COMMENT 'The amount where it can be one; NULL for token, negative, filler and huge amounts',
  distance_km DECIMAL(8, 3) COMMENT 'Distance of buyer and supplier in km on the sphere, from their positions',
  lost_characters INTEGER NOT NULL COMMENT 'Characters that the publisher''s own conversion destroyed (U+FFFD), over all texts of the row',
  flags VARCHAR(120) NOT NULL COMMENT 'What is doubtful, parted by commas, empty when nothing is: FIND_IN_SET(''token_amount'', flags)',
  extra JSON COMMENT 'columns the contract does not know, as they stood',
  sent_at DATETIME(3) COMMENT 'when the producer sent it, UTC',
  PRIMARY KEY (source_id, row_no),
  KEY procurement_load (load_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COMMENT='Contracts and concessions of French public buyers, one row per published record (DECP, Licence Ouverte 2.0)' COLLATE utf8mb4_0900_bin;

CREATE TABLE IF NOT EXISTS procurement_by_month (
  month DATE NOT NULL COMMENT 'First day of the month; 1000-01-01 for records without a date',
  nature VARCHAR(11) NOT NULL COMMENT 'Travaux, Fournitures or Services: as published, else by the CPV code''s division',
  supplier_size CHAR(3) NOT NULL COMMENT 'Supplier''s size: PME (small, medium), ETI (mid-size), GE (large) or NC (not known)',
  type VARCHAR(21) NOT NULL COMMENT 'Marché (contract) or Contrat de concession',
  distance_from SMALLINT NOT NULL COMMENT 'Lower end of the step of distance in km; -1 where a position is missing',
  contracts BIGINT NOT NULL COMMENT 'Contracts',
  counted BIGINT NOT NULL COMMENT 'Contracts whose amount counts',
  amount_sum DECIMAL(30, 2) NOT NULL COMMENT 'Sum of the amounts that count, euros',
  distances BIGINT NOT NULL COMMENT 'Contracts with a distance',
  distance_sum DECIMAL(20, 3) NOT NULL COMMENT 'Sum of distances, km',
  flagged BIGINT NOT NULL COMMENT 'Contracts with at least one flag',
  PRIMARY KEY (month, nature, supplier_size, type, distance_from)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COMMENT='Contracts per month, nature, supplier''s size, type and distance' COLLATE utf8mb4_0900_bin;

CREATE TABLE IF NOT EXISTS procurement_by_buyer (
  month DATE NOT NULL COMMENT 'First day of the month; 1000-01-01 for records without a date',
  nature VARCHAR(11) NOT NULL COMMENT 'Travaux, Fournitures or Services: as published, else by the CPV code''s division',
  supplier_size CHAR(3) NOT NULL COMMENT 'Supplier''s size: PME (small, medium), ETI (mid-size), GE (large) or NC (not known)',
  buyer_name VARCHAR(255) NOT NULL COMMENT 'Public buyer or granting authority',
  latitude_step SMALLINT NOT NULL COMMENT 'South end of the place in fifths of a degree; 9999 where the buyer has no position',
  longitude_step SMALLINT NOT NULL COMMENT 'West end of the place in fifths of a degree; 9999 where the buyer has no position',
  contracts BIGINT NOT NULL COMMENT 'Contracts',
  counted BIGINT NOT NULL COMMENT 'Contracts whose amount counts',
  amount_sum DECIMAL(30, 2) NOT NULL COMMENT 'Sum of the amounts that count, euros',
  distances BIGINT NOT NULL COMMENT 'Contracts with a distance',
  distance_sum DECIMAL(20, 3) NOT NULL COMMENT 'Sum of distances, km',
  flagged BIGINT NOT NULL COMMENT 'Contracts with at least one flag',
  PRIMARY KEY (month, nature, supplier_size, buyer_name, latitude_step, longitude_step)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COMMENT='Contracts per month, nature, supplier''s size, buyer and the buyer''s place in steps of a fifth of a degree' COLLATE utf8mb4_0900_bin;

CREATE TABLE IF NOT EXISTS procurement_by_cpv (
  month DATE NOT NULL COMMENT 'First day of the month; 1000-01-01 for records without a date',
  nature VARCHAR(11) NOT NULL COMMENT 'Travaux, Fournitures or Services: as published, else by the CPV code''s division',
  supplier_size CHAR(3) NOT NULL COMMENT 'Supplier''s size: PME (small, medium), ETI (mid-size), GE (large) or NC (not known)',
  cpv_text VARCHAR(255) NOT NULL COMMENT 'What is bought, the text of the common procurement vocabulary (CSV)',
  cpv_code CHAR(8) NOT NULL COMMENT 'Eight digits of the common procurement vocabulary; NULL where the published code is none',
  contracts BIGINT NOT NULL COMMENT 'Contracts',
  counted BIGINT NOT NULL COMMENT 'Contracts whose amount counts',
  amount_sum DECIMAL(30, 2) NOT NULL COMMENT 'Sum of the amounts that count, euros',
  distances BIGINT NOT NULL COMMENT 'Contracts with a distance',
  distance_sum DECIMAL(20, 3) NOT NULL COMMENT 'Sum of distances, km',
  flagged BIGINT NOT NULL COMMENT 'Contracts with at least one flag',
  PRIMARY KEY (month, nature, supplier_size, cpv_text, cpv_code)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COMMENT='Contracts per month, nature, supplier''s size and what is bought' COLLATE utf8mb4_0900_bin;

CREATE TABLE IF NOT EXISTS procurement_flagged (
  month DATE NOT NULL COMMENT 'First day of the month; 1000-01-01 for records without a date',
  nature VARCHAR(11) NOT NULL COMMENT 'Travaux, Fournitures or Services: as published, else by the CPV code''s division',
  supplier_size CHAR(3) NOT NULL COMMENT 'Supplier''s size: PME (small, medium), ETI (mid-size), GE (large) or NC (not known)',
  flags VARCHAR(120) NOT NULL COMMENT 'What is doubtful, parted by commas, empty when nothing is: FIND_IN_SET(''token_amount'', flags)',
  buyer_name VARCHAR(255) NOT NULL COMMENT 'Public buyer or granting authority',
  id_as_published VARCHAR(64) NOT NULL COMMENT 'The contract''s id as it stood; see contract_id',
  contracts BIGINT NOT NULL COMMENT 'Contracts',
  published_sum DECIMAL(30, 2) NOT NULL COMMENT 'Sum of the amounts as published, euros',
  lost_characters BIGINT NOT NULL COMMENT 'Destroyed characters (U+FFFD)',
  PRIMARY KEY (month, nature, supplier_size, flags, buyer_name, id_as_published)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COMMENT='Flagged contracts, with what is doubtful about them' COLLATE utf8mb4_0900_bin;

-- The divisions of the common procurement vocabulary (CPV 2008), and the nature each stands for.
CREATE TABLE IF NOT EXISTS procurement_cpv_division (
  division CHAR(2) NOT NULL COMMENT 'first two digits of a CPV code',
  nature VARCHAR(11) NOT NULL COMMENT 'Travaux, Fournitures or Services',
  title VARCHAR(160) NOT NULL COMMENT 'what the division is called',
  PRIMARY KEY (division)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COMMENT='Divisions of the common procurement vocabulary' COLLATE utf8mb4_0900_bin;

INSERT IGNORE INTO procurement_cpv_division (division, nature, title) VALUES
  ('03', 'Fournitures', 'Produits agricoles, de l''élevage, de la pêche, de la sylviculture et produits connexes'),
  ('09', 'Fournitures', 'Produits pétroliers, combustibles, électricité et autres sources d''énergie'),
  ('14', 'Fournitures', 'Produits d''exploitation des mines, métaux de base et produits connexes'),
  ('15', 'Fournitures', 'Produits alimentaires, boissons, tabac et produits connexes'),
  ('16', 'Fournitures', 'Machines agricoles'),
  ('18', 'Fournitures', 'Vêtements, articles chaussants, bagages et accessoires'),
  ('19', 'Fournitures', 'Produits en cuir et textiles, matériaux en plastique et en caoutchouc'),
  ('22', 'Fournitures', 'Imprimés et produits connexes'),
  ('24', 'Fournitures', 'Produits chimiques'),
  ('30', 'Fournitures', 'Machines, matériel et fourniture informatique et de bureau, excepté les meubles et logiciels'),
  ('31', 'Fournitures', 'Machines, appareils, équipements et consommables électriques; éclairage'),
  ('32', 'Fournitures', 'Équipements et appareils de radio, de télévision, de communication, de télécommunication et équipements connexes'),
  ('33', 'Fournitures', 'Matériels médicaux, pharmaceutiques et produits de soins personnnels'),
  ('34', 'Fournitures', 'Équipement de transport et produits auxiliaires pour le transport'),
  ('35', 'Fournitures', 'Équipement de sécurité, de lutte contre l''incendie, de police et de défense'),
  ('37', 'Fournitures', 'Instruments de musique, articles de sport, jeux, jouets, articles pour artisanat, articles pour travaux artistiques et accessoires'),
  ('38', 'Fournitures', 'Équipements de laboratoire, d''optique et de précision (excepté les lunettes)'),
  ('39', 'Fournitures', 'Meubles (y compris les meubles de bureau), aménagements, appareils électroménagers (à l''exclusion de l''éclairage) et produits de nettoyage'),
  ('41', 'Fournitures', 'Eau captée et épurée'),
  ('42', 'Fournitures', 'Machines industrielles'),
  ('43', 'Fournitures', 'Machines pour l''exploitation des mines et des carrières, et matériel de construction'),
  ('44', 'Fournitures', 'Structures et matériaux de construction; produits auxiliaires pour la construction (hormis les appareils électriques)'),
  ('45', 'Travaux', 'Travaux de construction'),
  ('48', 'Fournitures', 'Logiciels et systèmes d''information'),
  ('50', 'Services', 'Services de réparation et d''entretien'),
  ('51', 'Services', 'Services d''installation (à l''exception des logiciels)'),
  ('55', 'Services', 'Services d''hôtellerie, de restauration et de commerce au détail'),
  ('60', 'Services', 'Services de transport (à l''exclusion du transport des déchets)'),
  ('63', 'Services', 'Services d''appui et services auxiliaires dans le domaine des transports, services des agences de voyages'),
  ('64', 'Services', 'Services des postes et télécommunications'),
  ('65', 'Services', 'Services publics'),
  ('66', 'Services', 'Services financiers et d''assurance'),
  ('70', 'Services', 'Services immobiliers'),
  ('71', 'Services', 'Services d''architecture, services de construction, services d''ingénierie et services d''inspection'),
  ('72', 'Services', 'Services de technologies de l''information, conseil, développement de logiciels, internet et appui'),
  ('73', 'Services', 'Services de recherche et développement et services de conseil connexes'),
  ('75', 'Services', 'Services de l''administration publique, de la défense et de la sécurité sociale'),
  ('76', 'Services', 'Services relatifs à l''industrie du gaz et du pétrole'),
  ('77', 'Services', 'Services agricoles, sylvicoles, horticoles, d''aquaculture et d''apiculture'),
  ('79', 'Services', 'Services aux entreprises: droit, marketing, conseil, recrutement, impression et sécurité'),
  ('80', 'Services', 'Services d''enseignement et de formation'),
  ('85', 'Services', 'Services de santé et services sociaux'),
  ('90', 'Services', 'Services d''évacuation des eaux usées et d''élimination des déchets, services d''hygiénisation et services relatifs à l''environnement'),
  ('92', 'Services', 'Services récréatifs, culturels et sportifs'),
  ('98', 'Services', 'Autres services communautaires, sociaux et personnels');

CREATE TABLE IF NOT EXISTS procurement_flag (
  flag VARCHAR(20) NOT NULL COMMENT 'as it stands in procurement.flags',
  place SMALLINT NOT NULL COMMENT 'its place in the list',
  meaning VARCHAR(120) NOT NULL COMMENT 'what is doubtful',
  PRIMARY KEY (flag)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COMMENT='What each flag of a public contract means' COLLATE utf8mb4_0900_bin;

INSERT IGNORE INTO procurement_flag (flag, place, meaning) VALUES
  ('damaged_id', 1, 'A spreadsheet rounded the id (2,0211E+15): it identifies nothing.'),
  ('no_id', 2, 'The record has no id.'),
  ('negative_amount', 3, 'The amount is below zero.'),
  ('token_amount', 4, 'The amount is 0, 0.01 or at most 1 euro: none was given.'),
  ('filler_amount', 5, 'The amount is all nines, or such a number times the lots: the field was only filled.'),
  ('huge_amount', 6, 'The amount is a billion euros or more: a person should look.'),
  ('bad_cpv', 7, 'The CPV code is none.'),
  ('short_cpv', 8, 'The CPV code had lost its leading zero, which was given back.'),
  ('no_date', 9, 'No date says when the contract was made or published.'),
  ('lost_characters', 10, 'Characters were destroyed before publication and came as U+FFFD.');

CREATE OR REPLACE SQL SECURITY INVOKER VIEW v_procurement AS
SELECT fact.*
FROM procurement AS fact
JOIN pipeline_feed AS feed ON feed.feed = 'procurement'
WHERE fact.load_id <= feed.committed_load_id;

-- The steps of distance in words, in their order.
CREATE OR REPLACE SQL SECURITY INVOKER VIEW v_procurement_by_month AS
SELECT
  NULLIF(month, DATE('1000-01-01')) AS month,
  COALESCE(NULLIF(nature, ''), 'not known') AS nature,
  COALESCE(NULLIF(supplier_size, ''), 'NC') AS supplier_size,
  type,
  CASE distance_from
    WHEN -1 THEN 'not known'
    WHEN 0 THEN '1 · under 10 km'
    WHEN 10 THEN '2 · 10 to 25 km'
    WHEN 25 THEN '3 · 25 to 50 km'
    WHEN 50 THEN '4 · 50 to 100 km'
    WHEN 100 THEN '5 · 100 to 250 km'
    WHEN 250 THEN '6 · 250 to 500 km'
    WHEN 500 THEN '7 · 500 to 1,000 km'
    ELSE '8 · 1,000 km and more'
  END AS distance_step,
  contracts, counted, amount_sum, distances, distance_sum, flagged
FROM procurement_by_month;

CREATE OR REPLACE SQL SECURITY INVOKER VIEW v_procurement_by_buyer AS
SELECT
  NULLIF(month, DATE('1000-01-01')) AS month,
  COALESCE(NULLIF(nature, ''), 'not known') AS nature,
  COALESCE(NULLIF(supplier_size, ''), 'NC') AS supplier_size,
  COALESCE(NULLIF(buyer_name, ''), 'not named') AS buyer_name,
  contracts, counted, amount_sum, distances, distance_sum, flagged
FROM procurement_by_buyer;

-- What is bought: the text where the source has one, else the title of the code's division.
CREATE OR REPLACE SQL SECURITY INVOKER VIEW v_procurement_by_cpv AS
SELECT
  NULLIF(bought.month, DATE('1000-01-01')) AS month,
  COALESCE(NULLIF(bought.nature, ''), 'not known') AS nature,
  COALESCE(NULLIF(bought.supplier_size, ''), 'NC') AS supplier_size,
  COALESCE(NULLIF(bought.cpv_text, ''), division.title, 'not said') AS cpv,
  bought.contracts, bought.counted, bought.amount_sum, bought.distances, bought.distance_sum, bought.flagged
FROM procurement_by_cpv AS bought
LEFT JOIN procurement_cpv_division AS division ON division.division = LEFT(bought.cpv_code, 2);

-- Buyers of metropolitan France on the map, by their fifth of a degree.
CREATE OR REPLACE SQL SECURITY INVOKER VIEW v_procurement_map AS
SELECT
  'buyers' AS layer,
  NULLIF(month, DATE('1000-01-01')) AS month,
  COALESCE(NULLIF(nature, ''), 'not known') AS nature,
  COALESCE(NULLIF(supplier_size, ''), 'NC') AS supplier_size,
  latitude_step * 1000 + longitude_step AS place, -- a number: as text, grouping by it would take six times as long
  latitude_step,
  longitude_step,
  contracts,
  amount_sum
FROM procurement_by_buyer
WHERE latitude_step BETWEEN 205 AND 257 AND longitude_step BETWEEN -28 AND 50;

-- One row per flag of a flagged contract; a contract with two flags stands twice.
CREATE OR REPLACE SQL SECURITY INVOKER VIEW v_procurement_flag AS
SELECT
  NULLIF(flagged.month, DATE('1000-01-01')) AS month,
  COALESCE(NULLIF(flagged.nature, ''), 'not known') AS nature,
  COALESCE(NULLIF(flagged.supplier_size, ''), 'NC') AS supplier_size,
  COALESCE(NULLIF(flagged.buyer_name, ''), 'not named') AS buyer_name,
  COALESCE(NULLIF(flagged.id_as_published, ''), 'none') AS id_as_published,
  flag.flag,
  flag.meaning,
  flagged.contracts,
  flagged.published_sum,
  flagged.lost_characters
FROM procurement_flagged AS flagged
JOIN procurement_flag AS flag ON FIND_IN_SET(flag.flag, flagged.flags);
