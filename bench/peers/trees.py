"""Folders of jars that a pom.xml names, made once in the user's cache; none of them comes into a lab."""

import hashlib
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from lab.host.downloads import downloads_folder
from lab.location import CHECKOUT
from millrace.errors import Refused
from millrace.yaml_file import read_yaml

POMS = Path(__file__).parent / "poms"
ROLE = CHECKOUT / "ansible" / "roles" / "maven_jars"
INSTALL_SECONDS = 900
MAVEN = ["mvn", "--batch-mode", "--quiet", "--strict-checksums"]


def tree(name: str) -> Path:
    """The folder of the jars of poms/<name>.xml. Refused with Maven's own words where one cannot be had."""
    pom = POMS / f"{name}.xml"
    folder = downloads_folder() / "bench" / f"{name}-{hashlib.sha256(pom.read_bytes()).hexdigest()[:12]}"
    if not folder.is_dir():
        fresh = folder.with_suffix(".partial")
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(parents=True)
        goal = read_yaml(ROLE / "defaults" / "main.yml")["maven_jars_goal"]
        maven([goal, "-DincludeScope=runtime", f"-DoutputDirectory={fresh}"], pom)
        for archive in fresh.glob("*.tar.gz"):
            (fresh / "plugins").mkdir(exist_ok=True)
            subprocess.run(["tar", "-xzf", archive, "-C", fresh / "plugins"], check=True)
            archive.unlink()
        fresh.rename(folder)
    return folder


def maven(goal: Sequence[str], pom: Path) -> None:
    """Runs Maven as the user has it set up."""
    if shutil.which("mvn") is None or shutil.which("java") is None:
        raise Refused("Maven or Java is missing: apt-get install maven.")
    command = [*MAVEN, f"--file={pom}", *goal]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=INSTALL_SECONDS, check=False)
    except subprocess.TimeoutExpired as late:
        raise Refused(f"Maven has not fetched what {pom.name} names after {INSTALL_SECONDS} s.") from late
    if done.returncode != 0:
        said = next((line for line in done.stdout.splitlines() if "ERROR" in line), done.stdout)
        raise Refused(f"Maven cannot fetch what {pom.name} names: {said.strip()}")


def java(folder: Path, heap: str, *options: str) -> list[str]:
    """The beginning of a command line of Java's with all jars of a folder; their class with `main` comes next."""
    return ["java", f"-Xmx{heap}", "-Duser.timezone=UTC", *options, "-cp", f"{folder}/*"]
