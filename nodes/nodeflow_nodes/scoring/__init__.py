"""Scores: how good predictions, probabilities, clusters and whole learners are."""
