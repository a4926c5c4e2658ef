"""The methods repeated many times: level, power, and sensitivity to single choices."""
