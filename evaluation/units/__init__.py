"""Comparing units without ranking them: case mix, funnels, spread between units, shrunken effects."""
