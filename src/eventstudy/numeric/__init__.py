"""Arrays in, arrays out: distributions, ranks, likelihoods; nothing here knows a date or an event."""
