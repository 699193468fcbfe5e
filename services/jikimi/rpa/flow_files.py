"""The files in `flows/`: each is read anew for each job, so that what was saved is what runs next."""

import ast
import contextlib
import importlib.util
import sys
import traceback
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import ModuleType

from jikimi.rpa.errors import FlowBroken, NoSuchFlow
from jikimi.rpa.flow import Flow

_STRAY = ("_", ".")


def load_flow(folder: Path, name: str) -> Flow:
    """Return the flow *name* out of the files in *folder*; a file that is broken hides only its own flows.

    Raises:
        FlowBroken: the file that would have it cannot be used.
        NoSuchFlow: no file has it.
    """
    flows, broken = load_flows(folder)
    if name in flows:
        return flows[name]
    for file, problem in broken.items():
        if file.stem == name or len(broken) == 1:
            raise problem
    raise NoSuchFlow(name=name, known=", ".join(sorted(flows)) or "-")


def load_flows(folder: Path) -> tuple[Mapping[str, Flow], Mapping[Path, FlowBroken]]:
    """Return every flow by its name, and what is wrong with files that cannot be used."""
    if str(folder) not in sys.path:
        sys.path.append(str(folder))  # what flows share stands beside them, in files that begin with _
    flows, broken, origin = dict[str, Flow](), dict[Path, FlowBroken](), dict[str, Path]()
    for file in flow_files(folder):
        try:
            found = {flow.name: flow for flow in _flows_of(_module(file))}
        except FlowBroken as problem:
            broken[file] = problem
            continue
        for name, flow in found.items():
            if name in origin:
                line = flow.body.__code__.co_firstlineno
                why = f"{origin[name].name} has a flow {name!r} already"
                broken[file] = FlowBroken(file=file.name, line=line, problem=why)
            else:
                flows[name], origin[name] = flow, file
    return flows, broken


def flow_names(folder: Path) -> list[str]:
    """Return what the flows are called, read without running any file: whoever asks may be allowed more than a flow."""
    names = []
    for file in flow_files(folder):
        with contextlib.suppress(OSError, SyntaxError, ValueError):
            tree = ast.parse(file.read_bytes())
            names += [one.name for one in tree.body if isinstance(one, ast.FunctionDef) and _is_flow(one)]
    return names


def _is_flow(function: ast.FunctionDef) -> bool:
    return any(
        isinstance(mark, ast.Call) and isinstance(mark.func, ast.Name) and mark.func.id == "flow"
        for mark in function.decorator_list
    )


def flow_files(folder: Path) -> list[Path]:
    """Return the files that may have flows, by name."""
    return sorted(path for path in folder.glob("*.py") if not path.name.startswith(_STRAY))


def _module(file: Path) -> ModuleType:
    """Run a file and return what it defines; each reading takes the place of the one before."""
    spec = importlib.util.spec_from_file_location(f"jikimi_flow_{file.stem}", file)
    assert spec is not None  # noqa: S101 - the file ends with .py
    assert spec.loader is not None  # noqa: S101 - the same
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    try:
        spec.loader.exec_module(module)
    except SyntaxError as wrong:
        raise FlowBroken(file=file.name, line=wrong.lineno or 1, problem=wrong.msg) from None
    except (Exception, SystemExit) as wrong:  # noqa: BLE001 - a file of somebody else's may raise anything
        lines = [frame.lineno for frame in traceback.extract_tb(wrong.__traceback__) if frame.filename == str(file)]
        why = f"{type(wrong).__name__}: {wrong}"
        raise FlowBroken(file=file.name, line=lines[-1] if lines else 1, problem=why) from None
    return module


def _flows_of(module: ModuleType) -> Iterator[Flow]:
    for value in vars(module).values():
        if isinstance(value, Flow) and value.body.__module__ == module.__name__:
            yield value
