"""Pure functions on a pipeline's graph: order, reachability, tree projection."""
