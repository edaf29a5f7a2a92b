"""The headless front end: one file for each command group."""
