"""
Other settings, other results: mail in files judged again and held against what was expected.

It computes and writes reports; tables for the terminal belong to ``cli``, and nothing here
runs in the daemon.
"""
