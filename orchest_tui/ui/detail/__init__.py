"""The right side: one step's tabs."""
