"""What an operator decides: one file, `jikimi.toml`, and a few environment variables for secrets and addresses."""

from jikimi.config.home import Home
from jikimi.config.load import Config, load
from jikimi.config.model import Profile, Settings

__all__ = ["Config", "Home", "Profile", "Settings", "load"]
