"""A person is told: an outbox that loses nothing, and the channels through which its messages leave."""
