"""Make text that came out of a message fit to be seen: in logs, headers, terminals and HTML."""


def show(text: str, limit: int = 200) -> str:
    """Return *text* cut to *limit* characters."""
    return text[:limit]
