"""Arrays in, arrays out: distributions, ranks, likelihoods; no dates or events."""
