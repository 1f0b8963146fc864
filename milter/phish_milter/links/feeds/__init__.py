"""
Hosts and URL prefixes that operators list in files.

Entries are read and looked up here; when files are read again is decided by the daemon.
"""
