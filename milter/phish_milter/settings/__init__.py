"""
The configuration file: what can be set, what is wrong with it, and how it is read.

The models describe, ``validation`` words what is wrong, ``load`` is the gate; the symbols of
the checks are handed in, so that reading settings loads no detector.
"""
