# Every habit as a named recipe; `just check` is the one to remember.
set positional-arguments

_default:
    @just --list

# Everything that must hold before a landing
check: format lint types imports test

# The layout that ruff gives
format:
    ruff format --check .

# ruff with every rule on; pyproject.toml gives each exception its reason
lint:
    ruff check .

types:
    mypy

# Who may import whom
imports:
    lint-imports

# All tests, in random order
test *args:
    pytest -n 2 "$@"

# The long set: what `test` scales down, at its full length; its figures go into docs/proof.md
soak *args:
    pytest tests/property/test_views.py tests/property/test_histories.py tests/live/test_kill_storm.py tests/live/test_long_waits.py tests/live/test_safe_faults.py tests/live/test_safe_parts.py tests/live/test_rpa.py tests/docker --soak --timeout 1800 -s "$@"

# Let ruff mend what it can
fix:
    ruff check --fix .
    ruff format .
