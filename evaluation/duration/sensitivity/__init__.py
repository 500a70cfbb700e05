"""The universes of the headline numbers of duration: for each family of numbers the cases and the estimator.

`headlines` names the numbers, `multiverse.yaml` their choices; `sensitivity_scores` runs them.
"""
