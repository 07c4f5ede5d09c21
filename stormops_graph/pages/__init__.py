"""Pages to look at: HTML that needs nothing from outside, and charts that we draw ourselves."""
