"""
Text as its reader sees it, and as our outputs may show it.

Folding, look-alike letters, quoted wording; nothing here knows a message part or a link.
"""
