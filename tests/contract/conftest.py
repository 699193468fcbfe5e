"""What several contracts need."""

from tests.restic import restic_template  # noqa: F401 - a fixture
