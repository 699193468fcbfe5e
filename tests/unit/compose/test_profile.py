"""What the kernel lets the container with the browser do: a list, with the namespaces of a sandbox and no more."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[3]
WORKER = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))["services"]["rpa-worker"]
FILE = next(option for option in WORKER["security_opt"] if option.startswith("seccomp:")).partition(":")[2]
PROFILE: dict[str, Any] = json.loads((ROOT / FILE).read_text(encoding="utf-8"))
ALLOWED = [rule for rule in PROFILE["syscalls"] if rule["action"] == "SCMP_ACT_ALLOW"]
USERS, PROCESSES, NETWORKS = 0x10000000, 0x20000000, 0x40000000  # what a sandbox needs
MOUNTS, CONTROL_GROUPS, NAMES, MESSAGES, CLOCKS = 0x00020000, 0x02000000, 0x04000000, 0x08000000, 0x00000080


def test_what_is_not_named_is_refused() -> None:
    assert (PROFILE["defaultAction"], PROFILE["defaultErrnoRet"]) == ("SCMP_ACT_ERRNO", 1)
    assert {rule["action"] for rule in PROFILE["syscalls"]} == {"SCMP_ACT_ALLOW", "SCMP_ACT_ERRNO"}


def test_each_call_is_named_once_and_is_easy_to_find() -> None:
    assert [name for rule in PROFILE["syscalls"] for name in rule["names"] if not name.islower()] == []
    assert max(Counter(name for rule in PROFILE["syscalls"] for name in rule["names"]).values()) == 1
    assert all(rule["names"] == sorted(rule["names"]) for rule in PROFILE["syscalls"])
    assert all(rule["comment"] for rule in PROFILE["syscalls"])


@pytest.mark.parametrize(
    "names",
    [
        "mount umount umount2 pivot_root fsopen fsmount move_mount open_tree mount_setattr setns",
        "bpf perf_event_open userfaultfd io_uring_setup io_uring_enter io_uring_register",
        "ptrace process_vm_readv process_vm_writev pidfd_getfd kcmp",
        "add_key keyctl request_key open_by_handle_at quotactl swapon",
        "init_module finit_module delete_module kexec_load reboot settimeofday clock_settime sethostname",
        "iopl ioperm modify_ldt personality clone3",
    ],
)
def test_what_opens_a_way_out_is_not_on_the_list(names: str) -> None:
    assert {name for rule in ALLOWED for name in rule["names"]} & set(names.split()) == set()


@pytest.mark.parametrize(
    ("call", "refused"),
    [
        ("clone", MOUNTS | CONTROL_GROUPS | NAMES | MESSAGES),  # a child's last signal stands where clocks would
        ("unshare", MOUNTS | CONTROL_GROUPS | NAMES | MESSAGES | CLOCKS),
    ],
)
def test_new_namespaces_are_those_of_a_sandbox_alone(call: str, refused: int) -> None:
    rules = [rule for rule in ALLOWED if call in rule["names"]]

    assert [rule["args"] for rule in rules] == [
        [{"index": 0, "value": refused, "valueTwo": 0, "op": "SCMP_CMP_MASKED_EQ"}]
    ]
    assert refused & (USERS | PROCESSES | NETWORKS) == 0


def test_a_call_whose_flags_cannot_be_seen_is_told_not_to_exist() -> None:
    rule = next(rule for rule in PROFILE["syscalls"] if rule["names"] == ["clone3"])

    assert (rule["action"], rule["errnoRet"]) == ("SCMP_ACT_ERRNO", 38)


def test_the_browser_s_container_gets_nothing_else_that_the_others_do_not_have() -> None:
    assert WORKER["security_opt"] == ["no-new-privileges:true", f"seccomp:{FILE}"]
    assert WORKER["cap_drop"] == ["ALL"]
    assert WORKER["read_only"]
    assert not {"cap_add", "privileged", "devices", "ipc", "pid", "user", "shm_size"} & set(WORKER)
