"""
Mail that lies in Postfix' hold queue: seen, shown, released, deleted.

The queue stays the truth: nothing is moved out of it, and what is kept here is knowledge.  Only
``helper`` has root, so it, ``postfix_queue`` and ``protocol`` import the standard library alone;
nothing here judges a message.
"""
