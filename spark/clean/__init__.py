"""Raw texts to typed columns, with every reason why a record is refused."""
