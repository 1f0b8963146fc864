"""Brands as data: what a pack says, and how hosts and words relate to it."""
