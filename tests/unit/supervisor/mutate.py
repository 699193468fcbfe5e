"""The policy with one line changed by hand."""

import sys
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path

import jikimi.supervisor
from tests.unit.supervisor.world import StepFunction

_MODULES = ("symptoms", "orders", "healing", "policy")  # each imports only those before it
_FOLDER = Path(jikimi.supervisor.__file__).parent


def mutated(module: str, old: str, new: str) -> StepFunction:
    """Return `step` of a policy in which *old*, which stands once in *module*, reads *new*."""
    package = "jikimi.supervisor"
    kept = {name: sys.modules.pop(f"{package}.{name}", None) for name in _MODULES}
    try:
        for name in _MODULES:
            source = (_FOLDER / f"{name}.py").read_text(encoding="utf-8")
            if name == module:
                assert source.count(old) == 1, f"{old!r} stands {source.count(old)} times in {module}"
                source = source.replace(old, new)
            spec = spec_from_loader(f"{package}.{name}", loader=None)
            assert spec is not None
            fresh = module_from_spec(spec)
            sys.modules[spec.name] = fresh
            exec(compile(source, f"{name} with {new!r}", "exec"), fresh.__dict__)  # noqa: S102 - our own source
        step: StepFunction = sys.modules[f"{package}.policy"].step
        return step
    finally:
        for name, original in kept.items():
            if original is not None:
                sys.modules[f"{package}.{name}"] = original
