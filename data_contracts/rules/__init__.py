"""Rules at work: what they look up, their one pass by Great Expectations, rules over several deliveries."""
