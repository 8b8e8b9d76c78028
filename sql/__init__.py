"""Everything MySQL: the tables made from the contracts, the ledger and its protocol, migrations, rollups and views."""
