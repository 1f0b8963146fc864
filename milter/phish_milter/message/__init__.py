"""
Bytes to an immutable view of a mail that never raises: header, MIME tree, text.

Nothing here knows links, brands or settings; what was odd becomes a defect.
"""
