"""
One message through the processes: what is asked of DNS, the pool, the scanner, the verdict.

It knows settings and detection; sockets of Postfix, files of operators and the record of
decisions are not its business.
"""
