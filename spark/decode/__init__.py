"""Kafka records to raw texts by column: envelopes, and what a person types into a topic."""
