"""What keeps the ledger small: old loads are summed up, and what nobody will ask for again goes."""
