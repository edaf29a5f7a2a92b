"""The screen of one pipeline: header, step tree, and one step's tabs."""
