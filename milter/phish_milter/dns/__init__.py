"""
The only user of dnspython: questions, answers, and who asks them within a budget.

What an answer means is the business of whoever asked.
"""
