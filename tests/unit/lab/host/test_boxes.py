"""Boxes: which are needed, when they are made anew, and what the VirtualBox wrapping says of its machine."""

import hashlib
import subprocess
from pathlib import Path
from xml.etree import ElementTree

import pytest

from lab.host import boxes
from millrace.errors import Refused
from millrace.settings import Lab, load_lab

pytestmark = pytest.mark.host

ROOT = Path(__file__).parents[4]
OVF = "{http://schemas.dmtf.org/ovf/envelope/1}"
RASD = "{http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_ResourceAllocationSettingData}"
DISK, CONTROLLER, NIC = "17", "20", "10"


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty `.lab`."""
    monkeypatch.setattr(boxes, "state_folder", lambda: tmp_path / "lab")
    monkeypatch.setattr(boxes, "downloads_folder", lambda: tmp_path / "kept")
    return tmp_path / "lab"


def made(box: boxes.Box) -> str:
    """Puts a small file in the box's place and seals it."""
    box.kept.parent.mkdir(parents=True, exist_ok=True)
    box.kept.write_bytes(b"a box")
    return boxes.seal(box)


def test_both_releases_are_wanted(state: Path) -> None:
    assert [box.release for box in boxes.wanted("lxc")] == ["bookworm", "trixie"]


def test_a_box_from_elsewhere_is_not_built(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere = {"libvirt": {"trixie": {"url": "https://boxes.example/t.box", "sha256": "ab" * 32}}}
    lab = Lab(**{**load_lab().model_dump(), "boxes": elsewhere})
    monkeypatch.setattr(boxes, "load_lab", lambda: lab)
    assert [box.release for box in boxes.wanted("libvirt")] == ["bookworm"]


def test_an_unknown_provider_is_refused(state: Path) -> None:
    with pytest.raises(Refused, match="There is no provider 'vmware': choose lxc, libvirt or virtualbox"):
        boxes.wanted("vmware")


def test_a_sealed_box_is_current_until_the_recipe_changes(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    box = boxes.Box("lxc", "trixie")
    assert box in boxes.missing("lxc")
    made(box)
    assert box not in boxes.missing("lxc")
    monkeypatch.setattr(boxes, "recipe", lambda _provider: "another")
    assert box in boxes.missing("lxc")


def test_the_sum_is_sha256sums_own(state: Path) -> None:
    box = boxes.Box("lxc", "trixie")
    sha256 = made(box)
    assert sha256 == hashlib.sha256(b"a box").hexdigest()
    assert box.sum_file.read_text() == f"{sha256}  {box.kept.name}\n"
    assert box.name == f"millrace-trixie-{sha256[:12]}"


def test_a_box_that_another_checkout_made_is_taken(
    state: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trixie = boxes.Box("lxc", "trixie")
    sha256 = made(trixie)
    monkeypatch.setattr(boxes, "state_folder", lambda: tmp_path / "another")
    assert [box.release for box in boxes.missing("lxc")] == ["bookworm"]
    assert trixie.file.read_bytes() == b"a box"
    assert trixie.name == f"millrace-trixie-{sha256[:12]}"
    another = trixie.name
    trixie.kept.write_bytes(b"another box")
    monkeypatch.setattr(boxes, "state_folder", lambda: state)
    boxes.seal(trixie)
    monkeypatch.setattr(boxes, "state_folder", lambda: tmp_path / "another")
    assert trixie.file.read_bytes() == b"another box"
    assert trixie.name != another, "what one checkout builds anew has its sum in all of them"


def test_a_box_whose_build_was_broken_off_is_not_taken(state: Path) -> None:
    trixie = boxes.Box("lxc", "trixie")
    made(trixie)
    boxes.job_of(trixie)
    assert trixie in boxes.missing("lxc")


@pytest.mark.parametrize("provider", boxes.RECIPES)
def test_every_file_of_a_recipe_is_there(provider: str) -> None:
    assert all((ROOT / name).is_file() for name in boxes.RECIPES[provider])


def test_missing_tools_are_named_with_their_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(boxes, "find", lambda tool: None if tool in {"extlinux", "sfdisk"} else tool)
    with pytest.raises(Refused) as refused:
        boxes.need_tools("libvirt")
    assert str(refused.value) == ("Building a libvirt box needs extlinux, sfdisk: install the packages extlinux fdisk.")


@pytest.fixture
def envelope() -> ElementTree.Element:
    """The description of the VirtualBox machine as the recipe fills it in."""
    text = (ROOT / "boxes" / "box.ovf").read_text()
    values = {"CAPACITY": "21474836480", "SIZE": "250000000", "NAME": "millrace-trixie"}
    for name, value in values.items():
        text = text.replace(f"@{name}@", value)
    assert "@" not in text
    return ElementTree.fromstring(text)  # noqa: S314 - our own file


def items(envelope: ElementTree.Element, kind: str) -> list[ElementTree.Element]:
    """The hardware of one kind."""
    return [item for item in envelope.iter(f"{OVF}Item") if item.findtext(f"{RASD}ResourceType") == kind]


def test_the_disk_of_the_ovf_is_the_file_beside_it(envelope: ElementTree.Element) -> None:
    file = next(envelope.iter(f"{OVF}File"))
    disk = next(envelope.iter(f"{OVF}Disk"))
    assert file.get(f"{OVF}href") == "box-disk001.vmdk"
    assert disk.get(f"{OVF}fileRef") == file.get(f"{OVF}id")
    drive = items(envelope, DISK)[0]
    assert drive.findtext(f"{RASD}HostResource") == f"/disk/{disk.get(f'{OVF}diskId')}"
    assert drive.findtext(f"{RASD}Parent") == items(envelope, CONTROLLER)[0].findtext(f"{RASD}InstanceID")


def test_the_nic_of_the_ovf_is_on_a_network_it_declares(envelope: ElementTree.Element) -> None:
    declared = {network.get(f"{OVF}name") for network in envelope.iter(f"{OVF}Network")}
    assert {nic.findtext(f"{RASD}Connection") for nic in items(envelope, NIC)} == declared == {"NAT"}


def test_instance_ids_are_unique_and_elements_in_the_standards_order(envelope: ElementTree.Element) -> None:
    hardware = list(envelope.iter(f"{OVF}Item"))
    ids = [item.findtext(f"{RASD}InstanceID") for item in hardware]
    assert len(set(ids)) == len(ids)
    for item in hardware:
        names = [child.tag for child in item]
        assert names == sorted(names), "DSP0243 orders the elements of an Item by name"


def test_qemu_reads_the_disk_that_the_recipe_writes(tmp_path: Path) -> None:
    raw, vmdk = tmp_path / "disk.raw", tmp_path / "box-disk001.vmdk"
    with raw.open("wb") as file:
        file.write(b"\x01" * 4096)
        file.truncate(1 << 20)
    recipe = (ROOT / "boxes" / "virtualbox.sh").read_text()
    options = next(line.split() for line in recipe.splitlines() if line.startswith("qemu-img convert"))
    subprocess.run([*options[:-2], str(raw), str(vmdk)], check=True)
    described = subprocess.run(["qemu-img", "info", str(vmdk)], check=True, capture_output=True, text=True).stdout
    assert "create type: streamOptimized" in described
    assert subprocess.run(["qemu-img", "compare", str(raw), str(vmdk)], check=False).returncode == 0
