collect_ignore = ["notebooks"]  # they are run by the tests, not collected
