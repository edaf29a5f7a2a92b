"""One open pipeline: scheduling, freshness, watching, history, events and the view state."""
