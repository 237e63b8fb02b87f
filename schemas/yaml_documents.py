"""Reading YAML: safely, and with libyaml where it is there, which is ten times as fast over a county's documents."""

from __future__ import annotations

from typing import Any

import yaml

YAML_LOADER: type = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml's safe loader, or PyYAML's own."""


def read_yaml(text: str | bytes) -> Any:
    """The document in a text.

    Raises:
        yaml.YAMLError: it is no YAML.
    """
    return yaml.load(text, Loader=YAML_LOADER)  # noqa: S506 (both are safe loaders)


def read_nodes(text: str) -> Any:
    """The root node of a document, whose nodes know on which line they stand; None where there is no document.

    Raises:
        yaml.YAMLError: it is no YAML.
    """
    return yaml.compose(text, Loader=YAML_LOADER)
