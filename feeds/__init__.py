"""What a feed is: its contract, the identity of its records, the shape of its events. Both sides of Kafka read this."""
