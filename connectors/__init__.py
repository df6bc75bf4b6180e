"""Campus sources, one module each, and what publishes them: ids, identity, marks."""
