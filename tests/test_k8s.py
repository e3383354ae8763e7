"""The manifests for Kubernetes: valid, and what they say of the programs is so."""

import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from pydantic import ValidationError

from graphql_api.app import create_app
from settings.config import EXIT_BAD_SETTINGS, Settings
from tests.support import manifests
from tests.support.alive import HEALTH_CHECK
from tests.support.fixtures import IsolatedSettings
from tests.support.manifests import FOLDER, Manifest, container, of_kind, pods, variables
from tests.support.worker import ROOT

DEPLOYMENTS = ["postberry-api", "postberry-worker"]
PODS = [*DEPLOYMENTS, "postberry-indexes"]


def _configured(**changes: str) -> Settings:
    given = {name.lower(): value for name, value in (variables() | changes).items() if value}
    return IsolatedSettings(**given)  # type: ignore[arg-type]  # text, as the environment has it


@pytest.fixture(name="configured")
def _as_configured() -> Settings:
    return _configured(JWT_SECRET="a secret that somebody made, 32 characters or more")


@pytest.mark.parametrize("version", ["1.29", "1.37"])
def test_each_is_valid(version: str) -> None:
    command: list[str | Path] = [
        sys.executable,
        "-m",
        "kubernetes_validate",
        "--strict",
        "--quiet",
        "-k",
        version,
        *manifests.files(),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_all_are_applied_but_the_examples_and_none_names_a_namespace() -> None:
    (base,) = manifests.read("base/kustomization.yaml")
    assert {*base["resources"], "kustomization.yaml"} == {path.name for path in (FOLDER / "base").iterdir()}
    assert [path.name for path in FOLDER.glob("*.yaml") if "example" not in path.name] == []
    assert [each for each in manifests.everything() if "namespace" in each["metadata"]] == []


@pytest.mark.parametrize("colour", ["blue", "green"])
def test_two_versions_have_nothing_in_common_but_the_secret(colour: str) -> None:
    (made,) = manifests.read(f"{colour}/kustomization.yaml")
    assert (made["resources"], made["nameSuffix"]) == (["../base"], f"-{colour}")
    assert made["labels"] == [{"pairs": {"app.kubernetes.io/instance": colour}, "includeSelectors": True}]
    assert {image["name"] for image in made["images"]} == {container(name)["image"] for name in PODS}


def test_requests_are_led_to_blue_and_those_of_a_canary_to_green() -> None:
    led = {name: _led_to(ingress) for name, ingress in of_kind("Ingress").items()}
    assert led == {"postberry-api": {"postberry-api-blue"}, "postberry-api-canary": {"postberry-api-green"}}
    assert "postberry-api" in of_kind("Service")


def _led_to(ingress: Manifest) -> set[str]:
    paths = [path for rule in ingress["spec"]["rules"] for path in rule["http"]["paths"]]
    return {path["backend"]["service"]["name"] for path in paths}


def test_every_variable_is_a_setting() -> None:
    ours = [name for name in variables() if not name.startswith("AWS_")]
    assert len(ours) > 15
    assert [name for name in ours if name.lower() not in Settings.model_fields] == []


def test_the_programs_start_with_them_once_there_is_a_secret(configured: Settings) -> None:
    assert configured.is_production
    assert configured.storage_url.startswith("s3://")
    with pytest.raises(ValidationError, match=r"1 validation error(.|\n)*jwt_secret"):
        _configured()


def test_a_secret_stands_nowhere_but_in_the_secret() -> None:
    (config,), (secret,) = of_kind("ConfigMap").values(), of_kind("Secret").values()
    assert not config["data"].keys() & secret["stringData"].keys()
    assert [text for text in secret["stringData"].values() if text and "change-me" not in text] == []


@pytest.mark.parametrize("name", PODS)
def test_a_pod_may_do_nothing_that_the_program_does_not_need(name: str) -> None:
    pod, only = pods()[name]["spec"], container(name)
    user = re.findall(r"^USER (\d+):(\d+)$", (ROOT / "deploy" / "Dockerfile").read_text(), re.MULTILINE)
    assert [(str(pod["securityContext"]["runAsUser"]), str(pod["securityContext"]["runAsGroup"]))] == user
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["automountServiceAccountToken"] is False
    expected = {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}}
    assert only["securityContext"] == expected
    assert "memory" in only["resources"]["limits"]


@pytest.mark.parametrize("name", PODS)
def test_a_pod_runs_a_program_that_there_is_and_writes_where_it_may(name: str, configured: Settings) -> None:
    interpreter, option, module = container(name)["command"]
    assert (interpreter, option, bool(find_spec(module))) == ("python", "-m", True)
    mounts = [Path(mount["mountPath"]) for mount in container(name)["volumeMounts"]]
    assert Path("/tmp") in mounts  # noqa: S108  (in the pod)
    assert any(configured.log_dir.is_relative_to(mount) for mount in mounts)


@pytest.mark.parametrize("name", DEPLOYMENTS)
def test_a_pod_has_the_time_it_needs_to_start_and_to_end(name: str, configured: Settings) -> None:
    probe = container(name)["startupProbe"]
    assert probe["periodSeconds"] * probe["failureThreshold"] > configured.start_timeout
    assert pods()[name]["spec"]["terminationGracePeriodSeconds"] > configured.stop_grace
    assert of_kind("Deployment")[name]["spec"]["strategy"]["rollingUpdate"]["maxUnavailable"] == 0


def test_the_probes_of_the_api_ask_what_it_answers(configured: Settings) -> None:
    only = container("postberry-api")
    paths = {probe: only[probe]["httpGet"]["path"] for probe in ("startupProbe", "livenessProbe", "readinessProbe")}
    assert paths == {"startupProbe": "/live", "livenessProbe": "/live", "readinessProbe": "/ready"}
    served = [getattr(route, "path", "") for route in create_app(configured).router.routes]
    (rule,) = of_kind("Ingress")["postberry-api"]["spec"]["rules"]
    asked = [*paths.values(), *(path["path"] for path in rule["http"]["paths"])]
    assert [path for path in asked if not any(route.startswith(path) for route in served)] == []


def test_the_probes_of_the_worker_are_the_health_check_of_the_image() -> None:
    only = container("postberry-worker")
    commands = [only[probe]["exec"]["command"] for probe in ("startupProbe", "livenessProbe")]
    assert commands == [list(HEALTH_CHECK)] * 2
    assert "readinessProbe" not in only


def test_ports_are_those_the_programs_listen_on(configured: Settings) -> None:
    ports = {port["name"]: port["containerPort"] for name in DEPLOYMENTS for port in container(name)["ports"]}
    assert ports == {"http": configured.port, "metrics": configured.metrics_port}
    assert configured.host == "0.0.0.0"  # noqa: S104  (in the pod)
    monitored = [each["spec"]["podMetricsEndpoints"][0]["port"] for each in manifests.read("monitoring/pods.yaml")]
    assert monitored == ["http", "metrics"]


def test_what_selects_pods_finds_those_of_its_name() -> None:
    found = {(each["kind"], each["metadata"]["name"]): _selected(each) for each in manifests.everything()}
    selecting = {key: labels for key, labels in found.items() if labels}
    assert len(selecting) == 8
    assert [key for key, labels in selecting.items() if labels != pods()[key[1]]["metadata"]["labels"]] == []


def _selected(manifest: Manifest) -> dict[str, str]:
    spec = manifest.get("spec", {})
    selector = spec.get("selector") or spec.get("podSelector") or {}
    return dict(selector.get("matchLabels", selector))


@pytest.mark.parametrize("name", DEPLOYMENTS)
def test_each_program_is_kept_up_by_two_pods_at_least(name: str) -> None:
    scaled, budget = of_kind("HorizontalPodAutoscaler")[name]["spec"], of_kind("PodDisruptionBudget")[name]["spec"]
    assert scaled["scaleTargetRef"] == {"apiVersion": "apps/v1", "kind": "Deployment", "name": name}
    assert scaled["minReplicas"] > budget["maxUnavailable"]
    assert "replicas" not in of_kind("Deployment")[name]["spec"]


def test_the_adapter_has_the_metric_that_workers_are_scaled_by() -> None:
    (metric,) = of_kind("HorizontalPodAutoscaler")["postberry-worker"]["spec"]["metrics"]
    (adapter,) = manifests.read("monitoring/adapter.yaml")
    (rule,) = adapter["rules"]["external"]
    assert metric["external"]["metric"]["name"] == rule["seriesQuery"]


def test_the_job_is_not_tried_again_with_settings_that_are_bad() -> None:
    spec = of_kind("Job")["postberry-indexes"]["spec"]
    (rule,) = [rule for rule in spec["podFailurePolicy"]["rules"] if rule["action"] == "FailJob"]
    assert rule["onExitCodes"] == {"operator": "In", "values": [EXIT_BAD_SETTINGS]}
