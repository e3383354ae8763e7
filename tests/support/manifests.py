"""The manifests of deploy/k8s, parsed."""

from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped]  # PyYAML ships no types

from tests.support.worker import ROOT

FOLDER = ROOT / "deploy" / "k8s"

Manifest = dict[str, Any]


def read(name: str) -> list[Manifest]:
    """The documents of one file."""
    return list(yaml.safe_load_all((FOLDER / name).read_text()))


def files() -> list[Path]:
    """The files of what Kubernetes itself understands."""
    found = [*FOLDER.glob("*.yaml"), *FOLDER.glob("base/*.yaml")]
    return sorted(path for path in found if path.name != "kustomization.yaml")


def everything() -> list[Manifest]:
    """The documents of these files."""
    return [document for path in files() for document in read(str(path.relative_to(FOLDER)))]


def of_kind(kind: str) -> dict[str, Manifest]:
    """Those of a kind, by name."""
    return {each["metadata"]["name"]: each for each in everything() if each["kind"] == kind}


def pods() -> dict[str, Manifest]:
    """The templates of all pods, by the name of what makes them."""
    return {name: made["spec"]["template"] for kind in ("Deployment", "Job") for name, made in of_kind(kind).items()}


def container(name: str) -> Manifest:
    """The only one in such a pod."""
    (only,) = pods()[name]["spec"]["containers"]
    return dict(only)


def variables() -> dict[str, str]:
    """What the ConfigMap and the example of the Secret put into the environment of every pod."""
    (config,), (secret,) = of_kind("ConfigMap").values(), of_kind("Secret").values()
    return dict(config["data"] | secret["stringData"])
