"""A study from its plan: which rows, which tests, which checks, fixed beforehand."""
