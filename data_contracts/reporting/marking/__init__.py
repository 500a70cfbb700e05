"""Marks in a workbook: what to mark, and the parts of an .xlsx that carry it."""
