"""Programs in a real pseudo-terminal: what they write, how soon they answer a key, what they cost."""
