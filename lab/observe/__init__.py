"""What the commands read from a running lab: services, the ledger, topics."""
