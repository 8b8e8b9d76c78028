"""A feed of a person's own, made from one of their CSV files: contract, sample, dashboard."""
