"""From files to typed tables: tolerant in form, strict in meaning, safe against hostile files."""
