"""Figures: what Postberry costs, measured on real servers, as ratios within one run."""
