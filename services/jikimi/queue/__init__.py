"""RQ behind one door: signed jobs with allow-listed names, the worker, and the writer's lease."""
