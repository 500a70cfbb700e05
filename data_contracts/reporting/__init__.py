"""What a steward gets back: the report, the marked workbook, the record of the check."""
