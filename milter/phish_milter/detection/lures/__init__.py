"""
Wordings that ask, press or promise, found in any language that has a file of them.

The words are data in ``config/lures``; here they are only matched.
"""
