"""
What happens after the verdict.

A broken parser cannot reach this room, since it imports neither ``scanning`` nor what feeds
it, and a broken disk cannot reach a scan.
"""
