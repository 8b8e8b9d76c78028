"""Every file of a new feed, as text, and writing them all or none."""

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import yaml

from lab.new_feed.dashboard.charts import Datasets, charts_of
from lab.new_feed.dashboard.dashboard import dashboard, slug_of
from lab.new_feed.dashboard.datasets import rollup_dataset, view_dataset
from lab.new_feed.infer.column_roles import Roles
from lab.new_feed.infer.type_inference import Proposal
from millrace.contract.contract import Contract
from millrace.errors import Refused
from millrace.yaml_file import read_yaml

WIDTH = 120
ASSETS = Path("superset/assets")

Files = dict[Path, bytes]
"""Contents by path in the checkout."""


def dashboard_files(contract: Contract, proposals: Sequence[Proposal], roles: Roles, checkout: Path) -> Files:
    """Datasets, charts and dashboard, in the manner of those that are there."""
    assets = checkout / ASSETS
    database = read_yaml(assets / "databases/millrace.yaml")["uuid"]
    loads, origins = (read_yaml(assets / f"datasets/millrace/{name}.yaml") for name in ("v_load", "v_feed_origin"))
    css = read_yaml(assets / "dashboards/pipeline-health.yaml")["css"]
    rollup = rollup_dataset(contract, roles, database)
    view = view_dataset(contract, proposals, roles, database)
    charts = charts_of(contract, roles, Datasets(rollup, view, loads, origins))
    slug = slug_of(contract.feed)
    made: dict[str, Any] = {f"dashboards/{slug}": dashboard(contract, roles, charts, css)}
    used = [chart.dataset for chart in charts]
    made |= {f"datasets/millrace/{one['table_name']}": one for one in (rollup, view) if one in used}
    made |= {f"charts/{slug}/{chart.slug}": chart.asset(contract.feed) for chart in charts}
    return {ASSETS / f"{name}.yaml": _yaml(content) for name, content in made.items()}


def _yaml(content: Any) -> bytes:
    return yaml.dump(content, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=WIDTH).encode()


class _Dumper(yaml.SafeDumper):
    """Short maps on one line, and lists set in, as in the files that are there."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)

    def ignore_aliases(self, data: Any) -> bool:
        return True


def write_all(files: Files, checkout: Path) -> None:
    """Write every file, none of which may exist; where one cannot be written, those before it are removed again."""
    written: list[Path] = []
    try:
        for name, content in files.items():
            path = checkout / name
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("xb") as file:
                written.append(path)
                file.write(content)
    except OSError as error:
        for path in reversed(written):
            path.unlink(missing_ok=True)
            with suppress(OSError):
                path.parent.rmdir()
        raise Refused(f"{error.filename} cannot be written: {error.strerror}; nothing was made.") from None
