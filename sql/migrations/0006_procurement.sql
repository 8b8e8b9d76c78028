-- Public contracts: facts, rollups, what codes and flags mean, an outline of France, and what dashboards read.
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

-- Every twelve kilometres a point, from Natural Earth (public domain), so that a map needs no tiles and no Internet.
CREATE TABLE IF NOT EXISTS france_outline (
  part SMALLINT NOT NULL COMMENT 'mainland and islands, from 1',
  point SMALLINT NOT NULL COMMENT 'number along the part, from 1',
  latitude DECIMAL(5,2) NOT NULL COMMENT 'degrees north',
  longitude DECIMAL(5,2) NOT NULL COMMENT 'degrees east',
  PRIMARY KEY (part, point)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COMMENT='Outline of metropolitan France' COLLATE utf8mb4_0900_bin;

INSERT IGNORE INTO france_outline (part, point, latitude, longitude) VALUES
  (1, 1, 51.09, 2.52), (1, 2, 50.98, 2.55), (1, 3, 50.87, 2.58), (1, 4, 50.79, 2.67), (1, 5, 50.73, 2.79),
  (1, 6, 50.71, 2.94), (1, 7, 50.76, 3.08), (1, 8, 50.72, 3.16), (1, 9, 50.62, 3.22), (1, 10, 50.52, 3.29),
  (1, 11, 50.50, 3.44), (1, 12, 50.48, 3.59), (1, 13, 50.39, 3.65), (1, 14, 50.30, 3.72), (1, 15, 50.32, 3.87),
  (1, 16, 50.34, 4.02), (1, 17, 50.28, 4.16), (1, 18, 50.19, 4.15), (1, 19, 50.09, 4.17), (1, 20, 50.00, 4.16),
  (1, 21, 49.96, 4.24), (1, 22, 49.94, 4.39), (1, 23, 49.96, 4.54), (1, 24, 50.01, 4.67), (1, 25, 50.10, 4.76),
  (1, 26, 50.13, 4.82), (1, 27, 50.02, 4.83), (1, 28, 49.91, 4.84), (1, 29, 49.80, 4.85), (1, 30, 49.76, 4.98),
  (1, 31, 49.72, 5.13), (1, 32, 49.68, 5.27), (1, 33, 49.59, 5.36), (1, 34, 49.50, 5.45), (1, 35, 49.52, 5.60),
  (1, 36, 49.55, 5.75), (1, 37, 49.48, 5.88), (1, 38, 49.45, 6.01), (1, 39, 49.49, 6.16), (1, 40, 49.48, 6.31),
  (1, 41, 49.43, 6.44), (1, 42, 49.34, 6.53), (1, 43, 49.25, 6.62), (1, 44, 49.16, 6.71), (1, 45, 49.19, 6.85),
  (1, 46, 49.16, 6.97), (1, 47, 49.11, 7.10), (1, 48, 49.10, 7.25), (1, 49, 49.16, 7.39), (1, 50, 49.11, 7.51),
  (1, 51, 49.04, 7.63), (1, 52, 49.02, 7.78), (1, 53, 49.00, 7.93), (1, 54, 48.98, 8.09), (1, 55, 48.94, 8.17),
  (1, 56, 48.85, 8.08), (1, 57, 48.77, 7.98), (1, 58, 48.68, 7.89), (1, 59, 48.59, 7.80), (1, 60, 48.48, 7.78),
  (1, 61, 48.38, 7.76), (1, 62, 48.28, 7.70), (1, 63, 48.18, 7.63), (1, 64, 48.08, 7.59), (1, 65, 47.98, 7.62),
  (1, 66, 47.87, 7.58), (1, 67, 47.77, 7.54), (1, 68, 47.67, 7.54), (1, 69, 47.57, 7.57), (1, 70, 47.49, 7.46),
  (1, 71, 47.44, 7.34), (1, 72, 47.46, 7.19), (1, 73, 47.48, 7.04), (1, 74, 47.43, 6.93), (1, 75, 47.35, 6.89),
  (1, 76, 47.32, 7.03), (1, 77, 47.24, 6.93), (1, 78, 47.16, 6.83), (1, 79, 47.07, 6.73), (1, 80, 47.00, 6.61),
  (1, 81, 46.96, 6.47), (1, 82, 46.86, 6.44), (1, 83, 46.76, 6.42), (1, 84, 46.69, 6.30), (1, 85, 46.62, 6.18),
  (1, 86, 46.53, 6.11), (1, 87, 46.42, 6.11), (1, 88, 46.31, 6.10), (1, 89, 46.23, 6.03), (1, 90, 46.15, 5.96),
  (1, 91, 46.14, 6.08), (1, 92, 46.20, 6.21), (1, 93, 46.28, 6.25), (1, 94, 46.37, 6.26), (1, 95, 46.42, 6.40),
  (1, 96, 46.44, 6.55), (1, 97, 46.42, 6.70), (1, 98, 46.37, 6.79), (1, 99, 46.26, 6.78), (1, 100, 46.15, 6.77),
  (1, 101, 46.06, 6.86), (1, 102, 45.98, 6.96), (1, 103, 45.90, 6.98), (1, 104, 45.85, 6.84), (1, 105, 45.75, 6.80),
  (1, 106, 45.68, 6.88), (1, 107, 45.60, 6.97), (1, 108, 45.50, 7.00), (1, 109, 45.43, 7.13), (1, 110, 45.34, 7.12),
  (1, 111, 45.24, 7.07), (1, 112, 45.19, 6.94), (1, 113, 45.15, 6.80), (1, 114, 45.11, 6.65), (1, 115, 45.04, 6.65),
  (1, 116, 44.94, 6.72), (1, 117, 44.88, 6.84), (1, 118, 44.83, 6.98), (1, 119, 44.73, 7.04), (1, 120, 44.68, 6.97),
  (1, 121, 44.60, 6.89), (1, 122, 44.50, 6.86), (1, 123, 44.41, 6.90), (1, 124, 44.32, 6.92), (1, 125, 44.23, 7.01),
  (1, 126, 44.19, 7.15), (1, 127, 44.14, 7.29), (1, 128, 44.14, 7.44), (1, 129, 44.17, 7.59), (1, 130, 44.11, 7.68),
  (1, 131, 44.02, 7.64), (1, 132, 43.93, 7.54), (1, 133, 43.84, 7.49), (1, 134, 43.75, 7.43), (1, 135, 43.70, 7.29),
  (1, 136, 43.65, 7.15), (1, 137, 43.55, 7.12), (1, 138, 43.54, 6.97), (1, 139, 43.45, 6.90), (1, 140, 43.41, 6.77),
  (1, 141, 43.34, 6.66), (1, 142, 43.27, 6.62), (1, 143, 43.22, 6.68), (1, 144, 43.18, 6.55), (1, 145, 43.15, 6.40),
  (1, 146, 43.10, 6.30), (1, 147, 43.07, 6.20), (1, 148, 43.07, 6.09), (1, 149, 43.13, 5.96), (1, 150, 43.05, 5.86),
  (1, 151, 43.12, 5.76), (1, 152, 43.18, 5.64), (1, 153, 43.20, 5.49), (1, 154, 43.23, 5.36), (1, 155, 43.33, 5.30),
  (1, 156, 43.35, 5.17), (1, 157, 43.35, 5.03), (1, 158, 43.43, 5.09), (1, 159, 43.48, 5.22), (1, 160, 43.54, 5.09),
  (1, 161, 43.50, 5.04), (1, 162, 43.43, 5.00), (1, 163, 43.40, 4.87), (1, 164, 43.38, 4.83), (1, 165, 43.48, 4.76),
  (1, 166, 43.58, 4.70), (1, 167, 43.47, 4.74), (1, 168, 43.37, 4.78), (1, 169, 43.35, 4.67), (1, 170, 43.41, 4.55),
  (1, 171, 43.46, 4.44), (1, 172, 43.46, 4.28), (1, 173, 43.50, 4.15), (1, 174, 43.55, 4.04), (1, 175, 43.51, 3.90),
  (1, 176, 43.44, 3.78), (1, 177, 43.37, 3.66), (1, 178, 43.30, 3.54), (1, 179, 43.27, 3.40), (1, 180, 43.23, 3.27),
  (1, 181, 43.15, 3.16), (1, 182, 43.05, 3.10), (1, 183, 42.94, 3.09), (1, 184, 42.84, 3.07), (1, 185, 42.73, 3.06),
  (1, 186, 42.62, 3.05), (1, 187, 42.52, 3.11), (1, 188, 42.43, 3.17), (1, 189, 42.46, 3.02), (1, 190, 42.45, 2.87),
  (1, 191, 42.40, 2.73), (1, 192, 42.35, 2.60), (1, 193, 42.35, 2.46), (1, 194, 42.41, 2.32), (1, 195, 42.40, 2.18),
  (1, 196, 42.36, 2.04), (1, 197, 42.42, 1.94), (1, 198, 42.47, 1.81), (1, 199, 42.53, 1.71), (1, 200, 42.62, 1.69),
  (1, 201, 42.65, 1.54), (1, 202, 42.61, 1.42), (1, 203, 42.70, 1.35), (1, 204, 42.71, 1.19), (1, 205, 42.74, 1.05),
  (1, 206, 42.79, 0.91), (1, 207, 42.83, 0.76), (1, 208, 42.80, 0.65), (1, 209, 42.69, 0.64), (1, 210, 42.70, 0.50),
  (1, 211, 42.71, 0.35), (1, 212, 42.69, 0.23), (1, 213, 42.71, 0.09), (1, 214, 42.69, -0.05),
  (1, 215, 42.76, -0.18), (1, 216, 42.83, -0.30), (1, 217, 42.81, -0.44), (1, 218, 42.78, -0.58),
  (1, 219, 42.87, -0.67), (1, 220, 42.95, -0.77), (1, 221, 42.97, -0.92), (1, 222, 42.99, -1.08),
  (1, 223, 43.03, -1.22), (1, 224, 43.10, -1.29), (1, 225, 43.05, -1.40), (1, 226, 43.10, -1.48),
  (1, 227, 43.20, -1.42), (1, 228, 43.25, -1.50), (1, 229, 43.27, -1.65), (1, 230, 43.35, -1.76),
  (1, 231, 43.40, -1.70), (1, 232, 43.47, -1.59), (1, 233, 43.56, -1.50), (1, 234, 43.66, -1.46),
  (1, 235, 43.76, -1.44), (1, 236, 43.87, -1.41), (1, 237, 43.98, -1.39), (1, 238, 44.08, -1.36),
  (1, 239, 44.19, -1.34), (1, 240, 44.30, -1.32), (1, 241, 44.41, -1.29), (1, 242, 44.51, -1.27),
  (1, 243, 44.61, -1.22), (1, 244, 44.67, -1.11), (1, 245, 44.72, -1.10), (1, 246, 44.75, -1.19),
  (1, 247, 44.65, -1.25), (1, 248, 44.71, -1.25), (1, 249, 44.82, -1.23), (1, 250, 44.93, -1.21),
  (1, 251, 45.04, -1.19), (1, 252, 45.14, -1.17), (1, 253, 45.25, -1.15), (1, 254, 45.36, -1.13),
  (1, 255, 45.46, -1.12), (1, 256, 45.54, -1.08), (1, 257, 45.46, -0.97), (1, 258, 45.39, -0.86),
  (1, 259, 45.31, -0.76), (1, 260, 45.21, -0.70), (1, 261, 45.10, -0.65), (1, 262, 45.00, -0.60),
  (1, 263, 44.90, -0.55), (1, 264, 45.01, -0.59), (1, 265, 45.01, -0.51), (1, 266, 45.08, -0.63),
  (1, 267, 45.18, -0.69), (1, 268, 45.28, -0.72), (1, 269, 45.39, -0.76), (1, 270, 45.49, -0.81),
  (1, 271, 45.55, -0.94), (1, 272, 45.62, -1.06), (1, 273, 45.68, -1.19), (1, 274, 45.76, -1.20),
  (1, 275, 45.77, -1.10), (1, 276, 45.73, -1.00), (1, 277, 45.81, -1.09), (1, 278, 45.90, -1.13),
  (1, 279, 46.00, -1.07), (1, 280, 46.09, -1.11), (1, 281, 46.18, -1.21), (1, 282, 46.27, -1.13),
  (1, 283, 46.29, -1.22), (1, 284, 46.33, -1.36), (1, 285, 46.38, -1.49), (1, 286, 46.43, -1.63),
  (1, 287, 46.48, -1.77), (1, 288, 46.57, -1.84), (1, 289, 46.67, -1.90), (1, 290, 46.75, -2.01),
  (1, 291, 46.82, -2.12), (1, 292, 46.92, -2.06), (1, 293, 47.02, -2.00), (1, 294, 47.09, -2.11),
  (1, 295, 47.14, -2.24), (1, 296, 47.24, -2.18), (1, 297, 47.29, -2.05), (1, 298, 47.27, -1.91),
  (1, 299, 47.22, -1.77), (1, 300, 47.25, -1.83), (1, 301, 47.30, -1.96), (1, 302, 47.29, -2.11),
  (1, 303, 47.25, -2.25), (1, 304, 47.27, -2.40), (1, 305, 47.30, -2.54), (1, 306, 47.33, -2.48),
  (1, 307, 47.39, -2.51), (1, 308, 47.44, -2.41), (1, 309, 47.50, -2.45), (1, 310, 47.51, -2.43),
  (1, 311, 47.51, -2.59), (1, 312, 47.54, -2.62), (1, 313, 47.51, -2.77), (1, 314, 47.55, -2.90),
  (1, 315, 47.55, -2.77), (1, 316, 47.64, -2.71), (1, 317, 47.61, -2.85), (1, 318, 47.64, -2.96),
  (1, 319, 47.58, -2.94), (1, 320, 47.59, -3.06), (1, 321, 47.53, -3.13), (1, 322, 47.53, -3.15),
  (1, 323, 47.63, -3.20), (1, 324, 47.72, -3.13), (1, 325, 47.70, -3.21), (1, 326, 47.68, -3.31),
  (1, 327, 47.70, -3.30), (1, 328, 47.77, -3.30), (1, 329, 47.74, -3.38), (1, 330, 47.75, -3.49),
  (1, 331, 47.79, -3.62), (1, 332, 47.80, -3.78), (1, 333, 47.85, -3.90), (1, 334, 47.87, -4.01),
  (1, 335, 47.91, -4.12), (1, 336, 47.84, -4.17), (1, 337, 47.81, -4.31), (1, 338, 47.87, -4.39),
  (1, 339, 47.97, -4.43), (1, 340, 48.01, -4.58), (1, 341, 48.04, -4.73), (1, 342, 48.06, -4.58),
  (1, 343, 48.09, -4.42), (1, 344, 48.12, -4.30), (1, 345, 48.22, -4.37), (1, 346, 48.20, -4.50),
  (1, 347, 48.24, -4.56), (1, 348, 48.30, -4.60), (1, 349, 48.33, -4.48), (1, 350, 48.32, -4.32),
  (1, 351, 48.31, -4.21), (1, 352, 48.34, -4.30), (1, 353, 48.35, -4.38), (1, 354, 48.37, -4.39),
  (1, 355, 48.43, -4.31), (1, 356, 48.40, -4.46), (1, 357, 48.37, -4.61), (1, 358, 48.35, -4.76),
  (1, 359, 48.45, -4.77), (1, 360, 48.53, -4.71), (1, 361, 48.58, -4.58), (1, 362, 48.63, -4.48),
  (1, 363, 48.64, -4.33), (1, 364, 48.66, -4.17), (1, 365, 48.71, -4.04), (1, 366, 48.69, -3.92),
  (1, 367, 48.66, -3.84), (1, 368, 48.72, -3.76), (1, 369, 48.69, -3.61), (1, 370, 48.76, -3.55),
  (1, 371, 48.83, -3.48), (1, 372, 48.83, -3.34), (1, 373, 48.85, -3.23), (1, 374, 48.83, -3.17),
  (1, 375, 48.83, -3.10), (1, 376, 48.78, -3.09), (1, 377, 48.79, -2.97), (1, 378, 48.70, -2.88),
  (1, 379, 48.61, -2.79), (1, 380, 48.52, -2.70), (1, 381, 48.56, -2.58), (1, 382, 48.63, -2.46),
  (1, 383, 48.69, -2.33), (1, 384, 48.64, -2.30), (1, 385, 48.58, -2.21), (1, 386, 48.64, -2.08),
  (1, 387, 48.57, -2.01), (1, 388, 48.56, -2.00), (1, 389, 48.66, -2.00), (1, 390, 48.71, -1.87),
  (1, 391, 48.63, -1.80), (1, 392, 48.63, -1.65), (1, 393, 48.63, -1.50), (1, 394, 48.65, -1.37),
  (1, 395, 48.71, -1.49), (1, 396, 48.80, -1.58), (1, 397, 48.90, -1.58), (1, 398, 49.00, -1.52),
  (1, 399, 49.04, -1.59), (1, 400, 49.15, -1.60), (1, 401, 49.23, -1.55), (1, 402, 49.30, -1.67),
  (1, 403, 49.37, -1.79), (1, 404, 49.47, -1.82), (1, 405, 49.57, -1.83), (1, 406, 49.67, -1.89),
  (1, 407, 49.71, -1.87), (1, 408, 49.68, -1.72), (1, 409, 49.65, -1.57), (1, 410, 49.67, -1.42),
  (1, 411, 49.69, -1.27), (1, 412, 49.59, -1.29), (1, 413, 49.50, -1.25), (1, 414, 49.40, -1.17),
  (1, 415, 49.36, -1.06), (1, 416, 49.39, -0.92), (1, 417, 49.36, -0.76), (1, 418, 49.34, -0.61),
  (1, 419, 49.32, -0.46), (1, 420, 49.29, -0.30), (1, 421, 49.30, -0.15), (1, 422, 49.34, -0.01),
  (1, 423, 49.38, 0.14), (1, 424, 49.42, 0.28), (1, 425, 49.46, 0.43), (1, 426, 49.48, 0.42), (1, 427, 49.47, 0.27),
  (1, 428, 49.51, 0.12), (1, 429, 49.59, 0.12), (1, 430, 49.69, 0.18), (1, 431, 49.75, 0.30), (1, 432, 49.80, 0.44),
  (1, 433, 49.85, 0.57), (1, 434, 49.88, 0.72), (1, 435, 49.91, 0.87), (1, 436, 49.94, 1.02), (1, 437, 49.97, 1.18),
  (1, 438, 50.04, 1.29), (1, 439, 50.12, 1.40), (1, 440, 50.20, 1.50), (1, 441, 50.20, 1.64), (1, 442, 50.25, 1.58),
  (1, 443, 50.34, 1.59), (1, 444, 50.44, 1.61), (1, 445, 50.55, 1.60), (1, 446, 50.66, 1.59), (1, 447, 50.77, 1.59),
  (1, 448, 50.87, 1.59), (1, 449, 50.92, 1.73), (1, 450, 50.98, 1.87), (1, 451, 51.01, 2.01), (1, 452, 51.03, 2.17),
  (1, 453, 51.06, 2.32), (1, 454, 51.08, 2.47), (2, 1, 42.21, 8.57), (2, 2, 42.27, 8.69), (2, 3, 42.35, 8.58),
  (2, 4, 42.42, 8.64), (2, 5, 42.52, 8.69), (2, 6, 42.60, 8.77), (2, 7, 42.65, 8.90), (2, 8, 42.70, 9.04),
  (2, 9, 42.71, 9.18), (2, 10, 42.70, 9.30), (2, 11, 42.80, 9.31), (2, 12, 42.91, 9.33), (2, 13, 43.00, 9.37),
  (2, 14, 42.95, 9.46), (2, 15, 42.84, 9.45), (2, 16, 42.73, 9.45), (2, 17, 42.63, 9.46), (2, 18, 42.53, 9.53),
  (2, 19, 42.43, 9.54), (2, 20, 42.32, 9.55), (2, 21, 42.21, 9.55), (2, 22, 42.11, 9.53), (2, 23, 42.01, 9.45),
  (2, 24, 41.92, 9.40), (2, 25, 41.81, 9.38), (2, 26, 41.70, 9.36), (2, 27, 41.59, 9.33), (2, 28, 41.49, 9.28),
  (2, 29, 41.39, 9.22), (2, 30, 41.43, 9.14), (2, 31, 41.50, 9.02), (2, 32, 41.54, 8.88), (2, 33, 41.60, 8.80),
  (2, 34, 41.68, 8.89), (2, 35, 41.72, 8.81), (2, 36, 41.75, 8.66), (2, 37, 41.84, 8.74), (2, 38, 41.91, 8.77),
  (2, 39, 41.90, 8.61), (2, 40, 41.99, 8.63), (2, 41, 42.06, 8.74), (2, 42, 42.15, 8.64), (3, 1, 45.94, -1.22),
  (3, 2, 45.84, -1.21), (3, 3, 45.88, -1.28), (3, 4, 45.98, -1.36), (3, 5, 46.03, -1.34), (3, 6, 45.95, -1.23),
  (4, 1, 46.16, -1.28), (4, 2, 46.21, -1.41), (4, 3, 46.23, -1.45), (4, 4, 46.17, -1.31);

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

-- Buyers on the map, in the middle of their fifth of a degree, and the outline they lie in. The outline has every
-- nature, size and month, so that no filter takes it away.
CREATE OR REPLACE SQL SECURITY INVOKER VIEW v_procurement_map AS
SELECT
  'buyers' AS layer,
  NULLIF(month, DATE('1000-01-01')) AS month,
  COALESCE(NULLIF(nature, ''), 'not known') AS nature,
  COALESCE(NULLIF(supplier_size, ''), 'NC') AS supplier_size,
  CONCAT(latitude_step, '/', longitude_step) AS place,
  (latitude_step + 0.5) / 5 AS latitude,
  (longitude_step + 0.5) / 5 AS longitude,
  contracts,
  amount_sum
FROM procurement_by_buyer
WHERE latitude_step BETWEEN 205 AND 257 AND longitude_step BETWEEN -28 AND 50
UNION ALL
SELECT
  'outline of France', NULL, NULL, NULL, CONCAT('outline ', part, '/', point), latitude, longitude, 0, 0
FROM france_outline;

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
