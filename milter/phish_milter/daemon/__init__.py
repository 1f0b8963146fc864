"""
What Postfix talks to: listener, dialog, response, and the life of the service.

Judging a message belongs to ``scanning``, what operators watch to ``observability``; only
this room speaks to libmilter and to the service manager.
"""
