"""Fakes that pass the same contract suites as what they stand for; shipped, so that authors can test their flows."""
