"""Kafka as all parts see it: the broker, its topics and how large they may be, and their records."""
