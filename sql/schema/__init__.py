"""The tables: those of the feeds by their contracts, those of ledger, batch jobs, requests and places."""
