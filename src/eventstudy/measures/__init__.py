"""Descriptive measures of dated events, each with its own null hypothesis."""
