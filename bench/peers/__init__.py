"""Other ways from Kafka into MySQL, each a module, and what they share. They run on the host, never on the lab."""
