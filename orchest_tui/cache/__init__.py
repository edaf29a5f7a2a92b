"""The output cache's host side: index, budget, spill, adoption and digests of segments."""
