"""From scores to what the public may see: policy, disclosure control, ledger, open data."""
