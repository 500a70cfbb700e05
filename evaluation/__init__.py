"""Scores of accepted case files: duration, outcome consistency, procedural completeness.

Each module has `evaluate(case_files, *, as_of, level)`; `README.md` is the guide.
"""
