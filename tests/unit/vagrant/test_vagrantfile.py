"""The Vagrantfile, evaluated for every provider without Vagrant: addresses, boxes, folders, provisioning."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.unit.vagrant.ruby import DOUBLE, NEEDS_RUBY, ruby

MACHINES = {"kafka": 13, "mysql": 14, "spark": 12, "superset": 10}

pytestmark = NEEDS_RUBY

Call = list[Any]


def evaluate(checkout: Path, **environment: str) -> dict[str, list[Call]]:
    """All that the Vagrantfile of the checkout asks for, by machine."""
    done = ruby(str(DOUBLE / "recorder.rb"), str(checkout / "Vagrantfile"), **environment)
    assert done.returncode == 0, done.stderr
    found: dict[str, list[Call]] = json.loads(done.stdout)
    return found


def provider(calls: list[Call], name: str) -> tuple[dict[str, Any], list[Call]]:
    """What one provider's block sets for its machine, and what it overrides for all (`override.vm`)."""
    vm = next(children[0] for key, _, _, children in calls if key == "vm")
    own, override = next(inner for key, arguments, _, inner in vm if key == "provider" and arguments == [name])
    settings = {key.removesuffix("="): arguments[0] for key, arguments, _, _ in own if key.endswith("=")}
    settings["customize"] = dict(
        arguments for key, arguments, _, _ in own if key == "customize" and len(arguments) == 2
    )
    return settings, next(children[0] for key, _, _, children in override if key == "vm")


def folders(override: list[Call]) -> dict[str, tuple[str, dict[str, Any]]]:
    """Guest path → host path and options."""
    return {arguments[1]: (arguments[0], options) for key, arguments, options, _ in override if key == "synced_folder"}


def test_lxc_machines_have_the_labs_address_and_a_mark(checkout: Path) -> None:
    machines = evaluate(checkout)
    assert set(machines) == set(MACHINES)
    for name, last in MACHINES.items():
        settings, _ = provider(machines[name], "lxc")
        assert settings["ssh_ip_addr"] == f"192.168.33.{last}"
        assert settings["customize"]["net.1.ipv4.address"] == f"192.168.33.{last}/24"
        assert settings["customize"]["net.1.link"] == "lab-192-168-33"
        assert settings["customize"]["environment"] == f"MILLRACE_LAB=192.168.33 {checkout}"


@pytest.mark.parametrize("name", ["libvirt", "virtualbox"])
def test_virtual_machines_have_address_memory_and_cpus(checkout: Path, name: str) -> None:
    settings, override = provider(evaluate(checkout)["spark"], name)
    assert (settings["memory"], settings["cpus"]) == (4096, 2)
    network = next((arguments, options) for key, arguments, options, _ in override if key == "network")
    assert network[0] == ["private_network"]
    assert network[1]["ip"] == "192.168.33.12"


@pytest.mark.parametrize("name", ["lxc", "libvirt", "virtualbox"])
def test_no_guest_sees_the_checkout_or_anothers_secrets(checkout: Path, name: str) -> None:
    for machine, calls in evaluate(checkout).items():
        shared = folders(provider(calls, name)[1])
        hosts = {Path(host) for host, _ in shared.values()}
        assert checkout not in hosts
        assert checkout / ".lab" not in hosts
        assert checkout / ".lab" / "secrets" not in hosts
        assert set(shared) >= {"/vagrant/ansible", "/vagrant/requirements"}
        cached = {guest: Path(host) for guest, (host, _) in shared.items() if "cache" in guest}
        own = checkout / "user" / "millrace" / "cache" / machine
        assert cached == {f"/var/cache/millrace/{machine}": own}, "neither what lies beside it nor another machine's"


def test_lxc_guests_write_into_their_cache_only(checkout: Path) -> None:
    shared = folders(provider(evaluate(checkout)["mysql"], "lxc")[1])
    writable = {guest for guest, (_, options) in shared.items() if "rw" in options["mount_options"]}
    assert writable == {"/var/cache/millrace/mysql"}


def test_libvirt_folders_are_copies(checkout: Path) -> None:
    shared = folders(provider(evaluate(checkout)["mysql"], "libvirt")[1])
    assert {options["type"] for _, options in shared.values()} == {"rsync"}


def test_provisioning_runs_in_order_with_the_merged_settings(checkout: Path) -> None:
    (checkout / "lab.local.yml").write_text("simulators: {insurance_rate: {first: 10}}\n")
    vm = next(children[0] for key, _, _, children in evaluate(checkout)["kafka"] if key == "vm")
    steps = [(arguments[0], options["type"], inner) for key, arguments, options, inner in vm if key == "provision"]
    assert [step[:2] for step in steps] == [
        ("secrets-upload", "file"),
        ("secrets", "shell"),
        ("host", "shell"),
        ("ansible", "shell"),
        ("site", "ansible_local"),
    ]
    ansible = {key.removesuffix("="): arguments[0] for key, arguments, _, _ in steps[-1][2][0]}
    assert ansible["install"] is False
    assert ansible["config_file"] == "/vagrant/ansible/ansible.cfg"
    assert ansible["limit"] == "kafka"
    assert ansible["extra_vars"]["lab"]["simulators"]["insurance_rate"] == {"seed": 2016, "first": 10, "per_second": 20}


def test_notebooks_come_only_to_spark_and_only_when_asked_for(checkout: Path) -> None:
    steps = {}
    for machine in ("spark", "mysql"):
        vm = next(children[0] for key, _, _, children in evaluate(checkout)[machine] if key == "vm")
        steps[machine] = {arguments[0]: options.get("run") for key, arguments, options, _ in vm if key == "provision"}
    assert steps["spark"]["notebook"] == "never"
    assert "notebook" not in steps["mysql"]


def test_another_subnet_moves_the_whole_lab(checkout: Path) -> None:
    (checkout / "lab.local.yml").write_text("subnet: 192.168.56\n")
    settings, _ = provider(evaluate(checkout)["kafka"], "lxc")
    assert settings["ssh_ip_addr"] == "192.168.56.13"
    assert settings["customize"]["net.1.link"] == "lab-192-168-56"


def test_an_overlay_makes_a_second_lab(checkout: Path, tmp_path: Path) -> None:
    overlay = tmp_path / "vm.yml"
    overlay.write_text("subnet: 192.168.234\n")
    settings, _ = provider(evaluate(checkout, MILLRACE_OVERLAY=str(overlay))["mysql"], "lxc")
    assert settings["ssh_ip_addr"] == "192.168.234.14"


def test_the_longest_subnet_still_names_a_bridge(checkout: Path) -> None:
    (checkout / "lab.local.yml").write_text("subnet: 192.168.133\n")
    settings, _ = provider(evaluate(checkout)["kafka"], "lxc")
    assert len(settings["customize"]["net.1.link"]) <= 15


def test_a_box_without_url_is_named_after_its_release(checkout: Path) -> None:
    _, override = provider(evaluate(checkout)["superset"], "virtualbox")
    assert ["box=", ["millrace-bookworm"], {}, None] in override


def test_a_built_box_is_found_with_its_sum(checkout: Path) -> None:
    store = checkout / ".lab" / "boxes"
    store.mkdir(parents=True)
    (store / "lxc-trixie.box").touch()
    (store / "lxc-trixie.box.sha256").write_text(f"{'ab' * 32}  lxc-trixie.box\n")
    _, override = provider(evaluate(checkout)["kafka"], "lxc")
    assert ["box=", ["millrace-trixie-abababababab"], {}, None] in override
    assert ["box_url=", [str(store / "lxc-trixie.box")], {}, None] in override
    assert ["box_download_checksum=", ["ab" * 32], {}, None] in override


def test_a_declared_box_wins_over_a_built_one(checkout: Path) -> None:
    url = "https://boxes.example/trixie.box"
    declared = {"boxes": {"libvirt": {"trixie": {"url": url, "sha256": "cd" * 32}}}}
    (checkout / "lab.local.yml").write_text(json.dumps(declared))
    _, override = provider(evaluate(checkout)["kafka"], "libvirt")
    assert ["box_url=", [url], {}, None] in override


@pytest.mark.parametrize(
    ("local", "sentence"),
    [
        ("provider: vmware\n", "provider 'vmware' is unknown; choose auto, virtualbox, libvirt or lxc."),
        ("boxes: {lxc: {trixie: {url: x}}}\n", "boxes.lxc.trixie needs a url or file and its sha256"),
        ("subnet: [\n", "lab.local.yml is no YAML at line 2"),
    ],
)
def test_wrong_settings_are_refused_in_a_sentence(checkout: Path, local: str, sentence: str) -> None:
    (checkout / "lab.local.yml").write_text(local)
    done = ruby(str(DOUBLE / "recorder.rb"), str(checkout / "Vagrantfile"))
    assert done.returncode == 1
    assert sentence in done.stderr
