"""
Names of hosts: registrable domains, scripts of letters, lists of hosts.

Names only: who may be trusted and what a link does is decided above.
"""
