"""Sources to Kafka: files and simulators. A kill at any moment and a restart neither lose nor repeat a row."""
