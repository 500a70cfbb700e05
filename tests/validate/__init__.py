"""The simulation study behind `make validate`: planted truths, drawn many times, and how often they are found.

README.md is its protocol, RESULTS.md the table of the last full run.
"""
