"""What travels into a step's container: the ``orchest`` SDK and the runner."""
