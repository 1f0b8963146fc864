"""
What operators watch: metrics and log lines.

It is told what happened and decides nothing; only this room knows Prometheus and the log.
"""
