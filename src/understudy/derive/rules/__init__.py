"""Rules that find doubts in the facts."""
