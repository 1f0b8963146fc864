"""
What a mail pretends: facts derived from it, and checks that turn facts into findings.

It knows neither settings, policy nor logs, asks nobody and reads no file after start.
"""
