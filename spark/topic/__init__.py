"""A feed's topic on Kafka: what it holds, where the ledger goes on in it, and ranges of its offsets."""
