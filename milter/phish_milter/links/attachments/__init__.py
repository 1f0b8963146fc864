"""
Links in files: one module a format, one budget for all.

Nothing is written to disk, and what was not opened is a defect of the mail.
"""
