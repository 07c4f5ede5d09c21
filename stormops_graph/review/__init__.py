"""What a steward is asked: the queue of doubtful pairs and clusters, the case of each, and how verdicts are made."""
