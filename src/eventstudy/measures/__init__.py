"""How often, how long, how much more: what describes dated events beside the tests, each with its null."""
