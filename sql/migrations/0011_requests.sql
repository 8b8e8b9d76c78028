-- What the kafka machine asks the stream for, and what its producers tell people. Its account may write these two.

CREATE TABLE IF NOT EXISTS pipeline_request (
  feed VARCHAR(64) NOT NULL COMMENT 'the feed',
  what ENUM('run','reset') NOT NULL COMMENT 'run: whether it is switched on; reset: start over',
  state ENUM('on','off','asked','emptied') NOT NULL COMMENT 'on or off; a reset is asked for, then the stream has emptied the feed and waits for its new topic',
  asked_at DATETIME(3) NOT NULL COMMENT 'when; a switch counts until lab.yml is newer',
  PRIMARY KEY (feed, what)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COMMENT='What the kafka machine asks the streaming application for, per feed' COLLATE utf8mb4_0900_bin;

CREATE TABLE IF NOT EXISTS pipeline_notice (
  feed VARCHAR(64) NOT NULL COMMENT 'the feed',
  place VARCHAR(64) NOT NULL COMMENT 'where: landing, poller …',
  name VARCHAR(255) NOT NULL COMMENT 'of what: a file, a city; empty: the place itself',
  kind ENUM('tells','waits','trouble') NOT NULL COMMENT 'trouble is for a person to mend',
  message TEXT NOT NULL COMMENT 'one sentence',
  told_at DATETIME(3) NOT NULL COMMENT 'when it was first told',
  PRIMARY KEY (feed, place, name)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COMMENT='What the producers on the kafka machine tell people, until it is over' COLLATE utf8mb4_0900_bin;
