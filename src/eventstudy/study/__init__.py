"""A study from its plan, which fixes rows, tests and checks beforehand."""
