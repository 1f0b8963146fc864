"""
Where a mail really leads: every target it names, unwrapped, with the place it stood in.

Who owns a target and whether it is bad is asked elsewhere; links are never opened.
"""
