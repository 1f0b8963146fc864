"""From the places in a mail that lead somewhere to where a browser would really go."""
