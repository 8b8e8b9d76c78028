"""What several feeds look up: places of France, codes that were spoilt on the way."""
