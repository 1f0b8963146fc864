"""
What is wrong with an installation: one probe a file.

Probes look and report; they repair nothing.
"""
