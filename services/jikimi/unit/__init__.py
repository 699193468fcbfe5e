"""One supervised process of ours: a parent that beats and judges, and one child that works."""
