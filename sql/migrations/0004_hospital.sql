-- The hospital feed: places, facts, staging, rollups, and what people and dashboards read.
-- Tables are made from the contract with `python -m lab ddl hospital`; places are those of millrace/reference/france.

CREATE TABLE IF NOT EXISTS region (
  region_code CHAR(2) NOT NULL COMMENT 'official code of INSEE; 00 for what lies in no region',
  region_name VARCHAR(100) NOT NULL COMMENT 'its name',
  map_code VARCHAR(7) COMMENT 'what the map of regions calls it; NULL for what is on no map',
  PRIMARY KEY (region_code)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COMMENT='Regions of France since 2016' COLLATE utf8mb4_0900_bin;

CREATE TABLE IF NOT EXISTS department (
  department VARCHAR(3) NOT NULL COMMENT 'official code: 01, 2A, 971',
  department_name VARCHAR(100) NOT NULL COMMENT 'its name',
  region_code CHAR(2) NOT NULL COMMENT 'the region it lies in',
  map_code VARCHAR(7) NOT NULL COMMENT 'ISO 3166-2, as the map of departments calls it',
  population INTEGER COMMENT 'people in 2020; NULL where not known',
  PRIMARY KEY (department)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COMMENT='Departments and overseas collectivities of France' COLLATE utf8mb4_0900_bin;

REPLACE INTO region (region_code, region_name, map_code) VALUES
  ('00', 'Collectivités d''outre-mer', NULL),
  ('01', 'Guadeloupe', 'FR-GUA'),
  ('02', 'Martinique', 'FR-MTQ'),
  ('03', 'Guyane', 'FR-GUF'),
  ('04', 'La Réunion', 'FR-LRE'),
  ('06', 'Mayotte', 'FR-MAY'),
  ('11', 'Île-de-France', 'FR-IDF'),
  ('24', 'Centre-Val de Loire', 'FR-CVL'),
  ('27', 'Bourgogne-Franche-Comté', 'FR-BFC'),
  ('28', 'Normandie', 'FR-NOR'),
  ('32', 'Hauts-de-France', 'FR-HDF'),
  ('44', 'Grand Est', 'FR-GES'),
  ('52', 'Pays de la Loire', 'FR-PDL'),
  ('53', 'Bretagne', 'FR-BRE'),
  ('75', 'Nouvelle-Aquitaine', 'FR-NAQ'),
  ('76', 'Occitanie', 'FR-OCC'),
  ('84', 'Auvergne-Rhône-Alpes', 'FR-ARA'),
  ('93', 'Provence-Alpes-Côte d''Azur', 'FR-PAC'),
  ('94', 'Corse', 'FR-COR');

REPLACE INTO department (department, department_name, region_code, map_code, population) VALUES
  ('01', 'Ain', '84', 'FR-01', 656955),
  ('02', 'Aisne', '32', 'FR-02', 526050),
  ('03', 'Allier', '84', 'FR-03', 331315),
  ('04', 'Alpes-de-Haute-Provence', '93', 'FR-04', 165197),
  ('05', 'Hautes-Alpes', '93', 'FR-05', 141756),
  ('06', 'Alpes-Maritimes', '93', 'FR-06', 1079396),
  ('07', 'Ardèche', '84', 'FR-07', 326875),
  ('08', 'Ardennes', '44', 'FR-08', 265531),
  ('09', 'Ariège', '76', 'FR-09', 152398),
  ('10', 'Aube', '44', 'FR-10', 309907),
  ('11', 'Aude', '76', 'FR-11', 372705),
  ('12', 'Aveyron', '76', 'FR-12', 278360),
  ('13', 'Bouches-du-Rhône', '93', 'FR-13', 2034469),
  ('14', 'Calvados', '28', 'FR-14', 691453),
  ('15', 'Cantal', '84', 'FR-15', 142811),
  ('16', 'Charente', '75', 'FR-16', 348180),
  ('17', 'Charente-Maritime', '75', 'FR-17', 647080),
  ('18', 'Cher', '24', 'FR-18', 296404),
  ('19', 'Corrèze', '75', 'FR-19', 240336),
  ('21', 'Côte-d''Or', '27', 'FR-21', 532886),
  ('22', 'Côtes-d''Armor', '53', 'FR-22', 596186),
  ('23', 'Creuse', '75', 'FR-23', 116270),
  ('24', 'Dordogne', '75', 'FR-24', 408393),
  ('25', 'Doubs', '27', 'FR-25', 539449),
  ('26', 'Drôme', '84', 'FR-26', 520560),
  ('27', 'Eure', '28', 'FR-27', 600687),
  ('28', 'Eure-et-Loir', '24', 'FR-28', 429425),
  ('29', 'Finistère', '53', 'FR-29', 906554),
  ('2A', 'Corse-du-Sud', '94', 'FR-2A', 162421),
  ('2B', 'Haute-Corse', '94', 'FR-2B', 182258),
  ('30', 'Gard', '76', 'FR-30', 748468),
  ('31', 'Haute-Garonne', '76', 'FR-31', 1400935),
  ('32', 'Gers', '76', 'FR-32', 190040),
  ('33', 'Gironde', '75', 'FR-33', 1633440),
  ('34', 'Hérault', '76', 'FR-34', 1176145),
  ('35', 'Ille-et-Vilaine', '53', 'FR-35', 1082073),
  ('36', 'Indre', '24', 'FR-36', 217139),
  ('37', 'Indre-et-Loire', '24', 'FR-37', 605380),
  ('38', 'Isère', '84', 'FR-38', 1264979),
  ('39', 'Jura', '27', 'FR-39', 257849),
  ('40', 'Landes', '75', 'FR-40', 411979),
  ('41', 'Loir-et-Cher', '24', 'FR-41', 327835),
  ('42', 'Loire', '84', 'FR-42', 764737),
  ('43', 'Haute-Loire', '84', 'FR-43', 226901),
  ('44', 'Loire-Atlantique', '52', 'FR-44', 1437137),
  ('45', 'Loiret', '24', 'FR-45', 682890),
  ('46', 'Lot', '76', 'FR-46', 173166),
  ('47', 'Lot-et-Garonne', '75', 'FR-47', 330336),
  ('48', 'Lozère', '76', 'FR-48', 76286),
  ('49', 'Maine-et-Loire', '52', 'FR-49', 815881),
  ('50', 'Manche', '28', 'FR-50', 490669),
  ('51', 'Marne', '44', 'FR-51', 563823),
  ('52', 'Haute-Marne', '44', 'FR-52', 169250),
  ('53', 'Mayenne', '52', 'FR-53', 305365),
  ('54', 'Meurthe-et-Moselle', '44', 'FR-54', 730398),
  ('55', 'Meuse', '44', 'FR-55', 181641),
  ('56', 'Morbihan', '53', 'FR-56', 755566),
  ('57', 'Moselle', '44', 'FR-57', 1035866),
  ('58', 'Nièvre', '27', 'FR-58', 199596),
  ('59', 'Nord', '32', 'FR-59', 2588988),
  ('60', 'Oise', '32', 'FR-60', 825077),
  ('61', 'Orne', '28', 'FR-61', 276903),
  ('62', 'Pas-de-Calais', '32', 'FR-62', 1452778),
  ('63', 'Puy-de-Dôme', '84', 'FR-63', 660240),
  ('64', 'Pyrénées-Atlantiques', '75', 'FR-64', 683169),
  ('65', 'Hautes-Pyrénées', '76', 'FR-65', 226839),
  ('66', 'Pyrénées-Orientales', '76', 'FR-66', 479000),
  ('67', 'Bas-Rhin', '44', 'FR-67', 1132607),
  ('68', 'Haut-Rhin', '44', 'FR-68', 763204),
  ('69', 'Rhône', '84', 'FR-69', 1876051),
  ('70', 'Haute-Saône', '27', 'FR-70', 233194),
  ('71', 'Saône-et-Loire', '27', 'FR-71', 547824),
  ('72', 'Sarthe', '52', 'FR-72', 560227),
  ('73', 'Savoie', '84', 'FR-73', 432548),
  ('74', 'Haute-Savoie', '84', 'FR-74', 828405),
  ('75', 'Paris', '11', 'FR-75', 2148271),
  ('76', 'Seine-Maritime', '28', 'FR-76', 1243788),
  ('77', 'Seine-et-Marne', '11', 'FR-77', 1423607),
  ('78', 'Yvelines', '11', 'FR-78', 1448625),
  ('79', 'Deux-Sèvres', '75', 'FR-79', 372627),
  ('80', 'Somme', '32', 'FR-80', 569769),
  ('81', 'Tarn', '76', 'FR-81', 387898),
  ('82', 'Tarn-et-Garonne', '76', 'FR-82', 262618),
  ('83', 'Var', '93', 'FR-83', 1073836),
  ('84', 'Vaucluse', '93', 'FR-84', 560997),
  ('85', 'Vendée', '52', 'FR-85', 683187),
  ('86', 'Vienne', '75', 'FR-86', 437398),
  ('87', 'Haute-Vienne', '75', 'FR-87', 370774),
  ('88', 'Vosges', '44', 'FR-88', 359520),
  ('89', 'Yonne', '27', 'FR-89', 332096),
  ('90', 'Territoire de Belfort', '27', 'FR-90', 140145),
  ('91', 'Essonne', '11', 'FR-91', 1319401),
  ('92', 'Hauts-de-Seine', '11', 'FR-92', 1613762),
  ('93', 'Seine-Saint-Denis', '11', 'FR-93', 1670149),
  ('94', 'Val-de-Marne', '11', 'FR-94', 1406041),
  ('95', 'Val-d''Oise', '11', 'FR-95', 1248354),
  ('971', 'Guadeloupe', '01', 'FR-GP', 376879),
  ('972', 'Martinique', '02', 'FR-MQ', 358749),
  ('973', 'Guyane', '03', 'FR-GF', 290691),
  ('974', 'La Réunion', '04', 'FR-RE', 859959),
  ('975', 'Saint-Pierre-et-Miquelon', '00', 'FR-PM', NULL),
  ('976', 'Mayotte', '06', 'FR-YT', 279471),
  ('977', 'Saint-Barthélemy', '00', 'FR-BL', NULL),
  ('978', 'Saint-Martin', '00', 'FR-MF', NULL),
  ('986', 'Wallis-et-Futuna', '00', 'FR-WF', NULL),
  ('987', 'Polynésie française', '00', 'FR-PF', NULL),
  ('988', 'Nouvelle-Calédonie', '00', 'FR-NC', NULL);

CREATE TABLE IF NOT EXISTS hospital (
  source_id BIGINT NOT NULL COMMENT 'identity: 63-bit digest of where the record is from',
  row_no BIGINT NOT NULL COMMENT 'identity: the record''s number in its source, from 1',
  load_id BIGINT NOT NULL COMMENT 'the load that brought the row, see pipeline_load',
  department VARCHAR(3) NOT NULL COMMENT 'Department, its official code as text: 01, 2A, 971',
  sex SMALLINT NOT NULL COMMENT '0 all, 1 men, 2 women; 0 is no less than 1 and 2 together, so the three are never added up',
  day DATE NOT NULL COMMENT 'The day counted; a record with a month only stands for the month''s last day',
  hospitalised INTEGER NOT NULL COMMENT 'Patients in hospital that day',
  intensive_care INTEGER NOT NULL COMMENT 'Patients in intensive care that day',
  returned_home INTEGER NOT NULL COMMENT 'Patients returned home since the beginning',
  deaths INTEGER NOT NULL COMMENT 'Patients who died in hospital since the beginning',
  conventional INTEGER COMMENT 'Patients in conventional beds that day; NULL before the publisher counted them',
  rehabilitation INTEGER COMMENT 'Patients in rehabilitation and long stay that day; NULL before the publisher counted them',
  elsewhere INTEGER COMMENT 'Patients in other beds that day; NULL before the publisher counted them',
  intensive_care_new INTEGER COMMENT 'Patients newly in intensive care in the department that day, men and women together in every row',
  stated_region CHAR(2) COMMENT 'Region''s code as the record states it',
  published_on DATE COMMENT 'Day the publisher issued the file',
  region_code CHAR(2) NOT NULL COMMENT 'Region of the department, its official code',
  version_on DATE NOT NULL COMMENT 'Day of publication, else the day counted: the newest wins',
  extra JSON COMMENT 'columns the contract does not know, as they stood',
  sent_at DATETIME(3) COMMENT 'when the producer sent it, UTC',
  PRIMARY KEY (department, sex, day),
  KEY hospital_load (load_id),
  KEY hospital_source (source_id, row_no)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COMMENT='Patients in hospital and intensive care, returned home and dead, per department, sex and day (Santé publique France)' COLLATE utf8mb4_0900_bin;

CREATE TABLE IF NOT EXISTS hospital_staging (
  load_id BIGINT NOT NULL COMMENT 'the load that brought the row, see pipeline_load',
  kafka_partition INTEGER NOT NULL COMMENT 'partition the record came from',
  kafka_offset BIGINT NOT NULL COMMENT 'its offset there',
  source_id BIGINT NOT NULL COMMENT 'identity: 63-bit digest of where the record is from',
  row_no BIGINT NOT NULL COMMENT 'identity: the record''s number in its source, from 1',
  department VARCHAR(3) NOT NULL COMMENT 'Department, its official code as text: 01, 2A, 971',
  sex SMALLINT NOT NULL COMMENT '0 all, 1 men, 2 women; 0 is no less than 1 and 2 together, so the three are never added up',
  day DATE NOT NULL COMMENT 'The day counted; a record with a month only stands for the month''s last day',
  hospitalised INTEGER NOT NULL COMMENT 'Patients in hospital that day',
  intensive_care INTEGER NOT NULL COMMENT 'Patients in intensive care that day',
  returned_home INTEGER NOT NULL COMMENT 'Patients returned home since the beginning',
  deaths INTEGER NOT NULL COMMENT 'Patients who died in hospital since the beginning',
  conventional INTEGER COMMENT 'Patients in conventional beds that day; NULL before the publisher counted them',
  rehabilitation INTEGER COMMENT 'Patients in rehabilitation and long stay that day; NULL before the publisher counted them',
  elsewhere INTEGER COMMENT 'Patients in other beds that day; NULL before the publisher counted them',
  intensive_care_new INTEGER COMMENT 'Patients newly in intensive care in the department that day, men and women together in every row',
  stated_region CHAR(2) COMMENT 'Region''s code as the record states it',
  published_on DATE COMMENT 'Day the publisher issued the file',
  region_code CHAR(2) NOT NULL COMMENT 'Region of the department, its official code',
  version_on DATE NOT NULL COMMENT 'Day of publication, else the day counted: the newest wins',
  extra JSON COMMENT 'columns the contract does not know, as they stood',
  sent_at DATETIME(3) COMMENT 'when the producer sent it, UTC',
  PRIMARY KEY (load_id, kafka_partition, kafka_offset)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COMMENT='Records of hospital in a load that is not committed yet' COLLATE utf8mb4_0900_bin;

CREATE TABLE IF NOT EXISTS hospital_by_region (
  region_code CHAR(2) NOT NULL COMMENT 'Region of the department, its official code',
  sex SMALLINT NOT NULL COMMENT '0 all, 1 men, 2 women; 0 is no less than 1 and 2 together, so the three are never added up',
  day DATE NOT NULL COMMENT 'The day counted; a record with a month only stands for the month''s last day',
  departments BIGINT NOT NULL COMMENT 'Departments that reported',
  hospitalised BIGINT NOT NULL COMMENT 'Patients in hospital that day',
  intensive_care BIGINT NOT NULL COMMENT 'Patients in intensive care that day',
  returned_home BIGINT NOT NULL COMMENT 'Patients returned home since the beginning',
  deaths BIGINT NOT NULL COMMENT 'Patients who died in hospital since the beginning',
  PRIMARY KEY (region_code, sex, day)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COMMENT='Patients per region, sex and day' COLLATE utf8mb4_0900_bin;

CREATE TABLE IF NOT EXISTS hospital_by_day (
  sex SMALLINT NOT NULL COMMENT '0 all, 1 men, 2 women; 0 is no less than 1 and 2 together, so the three are never added up',
  day DATE NOT NULL COMMENT 'The day counted; a record with a month only stands for the month''s last day',
  departments BIGINT NOT NULL COMMENT 'Departments that reported',
  hospitalised BIGINT NOT NULL COMMENT 'Patients in hospital that day',
  intensive_care BIGINT NOT NULL COMMENT 'Patients in intensive care that day',
  returned_home BIGINT NOT NULL COMMENT 'Patients returned home since the beginning',
  deaths BIGINT NOT NULL COMMENT 'Patients who died in hospital since the beginning',
  PRIMARY KEY (sex, day)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COMMENT='Patients per sex and day, whole country' COLLATE utf8mb4_0900_bin;

CREATE TABLE IF NOT EXISTS hospital_by_month (
  department VARCHAR(3) NOT NULL COMMENT 'Department, its official code as text: 01, 2A, 971',
  sex SMALLINT NOT NULL COMMENT '0 all, 1 men, 2 women; 0 is no less than 1 and 2 together, so the three are never added up',
  month_end DATE NOT NULL COMMENT 'The month''s last day',
  days BIGINT NOT NULL COMMENT 'Days that were reported',
  hospitalised_days BIGINT NOT NULL COMMENT 'Patients in hospital, summed over the days',
  intensive_care_days BIGINT NOT NULL COMMENT 'Patients in intensive care, summed over the days',
  PRIMARY KEY (department, sex, month_end)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COMMENT='Patient days per department, sex and month; divided by the days they give the patients of a mean day' COLLATE utf8mb4_0900_bin;

CREATE OR REPLACE SQL SECURITY INVOKER VIEW v_hospital AS
SELECT fact.*
FROM hospital AS fact
JOIN pipeline_feed AS feed ON feed.feed = 'hospital'
WHERE fact.load_id <= feed.committed_load_id;

CREATE OR REPLACE SQL SECURITY INVOKER VIEW v_department AS
SELECT
  department.department,
  department.department_name,
  department.map_code,
  department.population,
  region.region_code,
  region.region_name,
  region.map_code AS region_map_code
FROM department
JOIN region ON region.region_code = department.region_code;

CREATE OR REPLACE SQL SECURITY INVOKER VIEW v_region AS
SELECT region_code, region_name, region_map_code, SUM(population) AS population
FROM v_department
GROUP BY region_code, region_name, region_map_code;

-- Days counted. The newest day is complete once nearly as many records came as for the day before it.
CREATE OR REPLACE SQL SECURITY INVOKER VIEW v_hospital_day AS
SELECT
  counted.day,
  counted.records,
  counted.next_day IS NOT NULL OR counted.records >= 0.98 * COALESCE(counted.records_before, 0) AS is_complete
FROM (
  SELECT
    day,
    SUM(departments) AS records,
    LAG(SUM(departments)) OVER (ORDER BY day) AS records_before,
    LEAD(day) OVER (ORDER BY day) AS next_day
  FROM hospital_by_day
  GROUP BY day
) AS counted;

-- Patients per region, sex and complete day. Deaths are counted since the beginning: those of a day are the difference to
-- the row before, spread over the days between; unknown where other departments reported than before.
CREATE OR REPLACE SQL SECURITY INVOKER VIEW v_hospital_region AS
SELECT
  counted.day,
  counted.region_code,
  place.region_name,
  place.region_map_code,
  counted.sex,
  ELT(counted.sex + 1, 'All', 'Men', 'Women') AS sex_name,
  counted.departments,
  counted.hospitalised,
  counted.intensive_care,
  counted.returned_home,
  counted.deaths,
  IF(
    counted.departments = LAG(counted.departments) OVER since,
    (counted.deaths - LAG(counted.deaths) OVER since) / DATEDIFF(counted.day, LAG(counted.day) OVER since),
    NULL
  ) AS deaths_per_day,
  place.population
FROM hospital_by_region AS counted
JOIN v_hospital_day AS reported ON reported.day = counted.day AND reported.is_complete
JOIN v_region AS place ON place.region_code = counted.region_code
WINDOW since AS (PARTITION BY counted.region_code, counted.sex ORDER BY counted.day);

-- Men and women side by side, so that they can be compared whatever sex is chosen elsewhere.
CREATE OR REPLACE SQL SECURITY INVOKER VIEW v_hospital_by_sex AS
SELECT
  counted.day,
  region.region_name,
  SUM(IF(counted.sex = 1, counted.hospitalised, 0)) AS men,
  SUM(IF(counted.sex = 2, counted.hospitalised, 0)) AS women,
  SUM(IF(counted.sex = 1, counted.intensive_care, 0)) AS men_in_intensive_care,
  SUM(IF(counted.sex = 2, counted.intensive_care, 0)) AS women_in_intensive_care
FROM hospital_by_region AS counted
JOIN v_hospital_day AS reported ON reported.day = counted.day AND reported.is_complete
JOIN region ON region.region_code = counted.region_code
WHERE counted.sex > 0
GROUP BY counted.day, region.region_name;

CREATE OR REPLACE SQL SECURITY INVOKER VIEW v_hospital_month AS
SELECT
  counted.month_end,
  counted.department,
  place.department_name,
  place.map_code,
  place.region_name,
  counted.sex,
  ELT(counted.sex + 1, 'All', 'Men', 'Women') AS sex_name,
  counted.days,
  counted.hospitalised_days,
  counted.intensive_care_days,
  place.population
FROM hospital_by_month AS counted
JOIN v_department AS place ON place.department = counted.department;

-- The newest complete day, and a week before it.
CREATE OR REPLACE SQL SECURITY INVOKER VIEW v_hospital_newest AS
SELECT
  fact.day,
  fact.department,
  place.department_name,
  place.map_code,
  place.region_name,
  fact.sex,
  ELT(fact.sex + 1, 'All', 'Men', 'Women') AS sex_name,
  fact.hospitalised,
  fact.intensive_care,
  fact.returned_home,
  fact.deaths,
  week_before.hospitalised AS hospitalised_week_before,
  place.population
FROM (SELECT MAX(day) AS day FROM v_hospital_day WHERE is_complete) AS newest
JOIN v_department AS place
JOIN v_hospital AS fact ON fact.department = place.department AND fact.sex IN (0, 1, 2) AND fact.day = newest.day
LEFT JOIN hospital AS week_before
  ON week_before.department = fact.department
  AND week_before.sex = fact.sex
  AND week_before.day = fact.day - INTERVAL 7 DAY;
