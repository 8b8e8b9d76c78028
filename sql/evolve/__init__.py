"""A feed's tables, made and changed from its contract: compare what is there, plan, pause the feed, change, go on."""
