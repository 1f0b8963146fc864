"""What is odd about a mail's sender and targets, of no brand: the facts behind suspicions."""
