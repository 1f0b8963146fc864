"""Bytes to an immutable view of a mail that never raises: header, MIME tree, text."""
