"""
HTML as a mail program shows it: visible text, links, forms, styles.

Scripts are not run and nothing remote is loaded.
"""
