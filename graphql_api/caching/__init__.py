"""Answers that are anybody's: which ones may be kept, by what they are found again, and what ends them."""
