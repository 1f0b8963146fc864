"""
The command line: options in, exit status out.

One file a group of commands, and what prints their results; nothing is decided or computed
here.
"""
