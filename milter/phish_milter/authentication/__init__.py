"""Proof of origin: what trusted upstream results and signatures say about a mail."""
