"""What the product imports comes with it: a machine that runs it has no package of the tests' environment."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

ROOT = Path(__file__).parents[2]

LOADING = """
import importlib, importlib.machinery, pkgutil, sys
HIDDEN = set(sys.argv[1].split(","))

class Finder(importlib.machinery.PathFinder):
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        return None if name in HIDDEN else super().find_spec(name, path, target)

sys.meta_path = [Finder if one is importlib.machinery.PathFinder else one for one in sys.meta_path]
for package in ("pipelines", "schemas", "linkage_rules", "synthetic"):
    for module in pkgutil.walk_packages(importlib.import_module(package).__path__, package + "."):
        importlib.import_module(module.name)
"""


def _locked(lock: str) -> set[str]:
    return set(re.findall(r"^([a-z0-9._-]+)==", (ROOT / lock).read_text(encoding="utf-8"), re.MULTILINE))


def test_every_module_can_be_imported_without_the_packages_of_the_tests() -> None:
    others = _locked("requirements-dev.lock") - _locked("requirements.lock")
    assert {"pandas", "weasyprint", "pytest"} <= others
    of_others = [
        name
        for name, owners in packages_distributions().items()
        if {owner.lower().replace("_", "-") for owner in owners} <= others and name.isidentifier()
    ]
    done = subprocess.run(
        [sys.executable, "-c", LOADING, ",".join(of_others)], cwd=ROOT, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
