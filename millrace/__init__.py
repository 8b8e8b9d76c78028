"""What every part of Millrace shares: contracts, records, settings, the questions put to the broker."""
