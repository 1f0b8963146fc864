"""
The RFCs of origin: SPF, DKIM, ARC, DMARC and Authentication-Results.

What an authenticated origin means for a brand belongs to ``detection``; DNS is asked by
others, here are only questions and answers.
"""
