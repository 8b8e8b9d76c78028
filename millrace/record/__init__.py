"""A record on its way: who it is, its event in Kafka, its texts out of JSON."""
