"""
What hardly any honest mail does, whatever brand it names.

Anomalies are collected into facts; how much they weigh stands with their checks.
"""
