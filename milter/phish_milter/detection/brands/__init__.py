"""
Brand packs, and how hosts, addresses and names relate to a brand.

Brands are data: nothing here names one.
"""
