"""What the supervisor shows to Prometheus: the names, and the page that a scrape reads."""
