"""Kafka to rows: decode, clean, load exactly once."""
