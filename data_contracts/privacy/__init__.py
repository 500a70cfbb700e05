"""The privacy gate, and keyed pseudonyms for an export that still has numbers."""
