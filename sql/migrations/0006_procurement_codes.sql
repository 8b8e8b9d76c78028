-- What the codes and flags of public contracts mean.

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
