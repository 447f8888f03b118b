"""How much memory there is: the least of all limits that hold."""

from pathlib import Path

import psutil
import pytest

from modelops_jupyter.training import memory


@pytest.fixture
def groups(tmp_path: Path) -> Path:
    (tmp_path / "groups/memory/jobs/mine").mkdir(parents=True)
    (tmp_path / "groups/slice/mine").mkdir(parents=True)
    return tmp_path / "groups"


def limits(groups: Path, own: str) -> list[int]:
    told = groups.parent / "cgroup"
    told.write_text(own)
    return list(memory.group_limits(told, groups))


def test_a_limit_of_the_newer_kind_holds_for_all_groups_below(groups: Path) -> None:
    (groups / "slice/memory.max").write_text("4096\n")
    (groups / "slice/mine/memory.max").write_text("max\n")
    assert limits(groups, "0::/slice/mine\n") == [4096]


def test_limits_of_the_older_kind_are_found_beside_other_controllers(groups: Path) -> None:
    (groups / "memory/jobs/mine/memory.limit_in_bytes").write_text("2048")
    (groups / "memory/memory.limit_in_bytes").write_text("9223372036854771712")
    own = "9:name=systemd:/\n4:memory:/jobs/mine\n3:cpuset:/\n"
    assert min(limits(groups, own)) == 2048


def test_without_groups_the_machine_is_the_limit(groups: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("torch")
    assert list(memory.group_limits(groups / "none", groups)) == []
    assert limits(groups, "0::/gone/elsewhere\n") == []
    monkeypatch.setattr(memory, "group_limits", lambda: iter([1000, 7]))
    assert memory.limit() == 7
    monkeypatch.setattr(memory, "group_limits", lambda: iter(()))
    assert memory.limit() == psutil.virtual_memory().total > memory.used() > 0
