"""
What is done about findings, and the record of it.

``decision`` sees findings and thresholds, never a message; ``outcome`` and ``report`` are
light enough for whoever only reads records.
"""
