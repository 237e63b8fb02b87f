"""The container files agree with the units, with each other, and with what an operator is told to put beside them."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.operations.servers import free_port
from tests.pipeline.counties import CHECKOUT

DEPLOYMENT = CHECKOUT / "deployment"
CONTAINERS = DEPLOYMENT / "containers"
COMPOSE: dict[str, Any] = yaml.safe_load((CONTAINERS / "compose.yaml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
DOCKERFILE = (CONTAINERS / "Dockerfile").read_text()
TOLD = (CHECKOUT / "docs/operations.md").read_text(encoding="utf-8").partition("## Containers")[2].partition("\n## ")[0]

OURS = ("code", "daemon", "admin", "watch")


def test_containers_start_what_the_units_start() -> None:
    for name in OURS:
        unit = (DEPLOYMENT / f"systemd/countylink-{name}.service").read_text()
        (line,) = re.findall(r"^ExecStart=\S*/(.+)$", unit, re.MULTILINE)
        ours = shlex.split(line.replace("/opt/countylink/deployment/production", "deployment/containers"))
        theirs = ["127.0.0.1" if word == "0.0.0.0" else str(word) for word in SERVICES[name]["command"]]
        assert theirs == ours


def test_every_container_is_read_only_and_may_do_little() -> None:
    for name, service in SERVICES.items():
        assert service["read_only"], name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
    assert {name for name, service in SERVICES.items() if "cap_add" in service} == {"postgres", "proxy"}


def test_the_proxy_alone_is_reached_from_outside_and_reaches_the_webservers_alone() -> None:
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["proxy"]
    networks = {name: set(service["networks"]) for name, service in SERVICES.items()}
    assert {name for name in SERVICES if networks[name] & networks["proxy"]} == {"admin", "watch", "proxy"}
    assert all(COMPOSE["networks"][name].get("internal") for name in set().union(*networks.values()) - {"outside"})


def test_the_code_alone_has_the_lake() -> None:
    def has_lake(service: dict[str, Any]) -> bool:
        return any("/srv/countylink/lake" in one for one in service.get("volumes", ()))

    assert [name for name, service in SERVICES.items() if has_lake(service)] == ["code"]
    assert "${COUNTYLINK_LANDING:?}:/srv/countylink/landing:ro" in SERVICES["code"]["volumes"]


def test_the_database_is_well_only_when_others_can_reach_it() -> None:
    """While it is being made it answers on its socket, and on no port."""
    words = SERVICES["postgres"]["healthcheck"]["test"]
    assert words[words.index("-h") + 1] == "127.0.0.1"


def test_webservers_behind_the_proxy_know_that_people_came_by_https() -> None:
    """Else `/admin` leads to http://…/admin/, where nobody listens."""
    for name in ("admin", "watch"):
        assert SERVICES[name]["environment"]["FORWARDED_ALLOW_IPS"] == "*"
        assert set(SERVICES["code"]["environment"]) < set(SERVICES[name]["environment"])


def test_user_and_group_have_numbers_that_an_operator_can_give_files_to() -> None:
    assert "groupadd --system --gid 10001 countylink" in DOCKERFILE
    assert "useradd --system --uid 10001 --gid 10001" in DOCKERFILE
    assert "USER 10001:10001" in DOCKERFILE
    assert "-o 10001 -g 10001" in TOLD


def test_every_file_and_place_that_must_be_there_is_told() -> None:
    for secret in COMPOSE["secrets"].values():
        assert secret["file"].removeprefix("./") in TOLD
    for place in re.findall(r"\$\{(\w+):\?\}", (CONTAINERS / "compose.yaml").read_text()):
        assert place in TOLD
    (host,) = re.findall(r"@(\w+):5432", SERVICES["code"]["environment"]["COUNTYLINK_POSTGRES_URL"])
    assert f"{host}:5432:dagster:countylink:" in TOLD, "a pgpass of another host is passed over"


def test_secrets_and_places_reach_neither_image_nor_repository() -> None:
    for name in (".gitignore", ".dockerignore"):
        ignored = (CHECKOUT / name).read_text().split()
        assert any(one.rstrip("/") == "deployment/containers/secrets" for one in ignored), name
        assert any(one.endswith(".env") for one in ignored), name


def started_proxy(folder: Path) -> tuple[subprocess.CompletedProcess[str], str]:
    """The proxy's own start on the shipped configuration, with an nginx that only looks; and what it was given."""
    programs = folder / "programs"
    programs.mkdir()
    (programs / "nginx").write_text("#!/bin/sh\nexit 0\n")
    (programs / "nginx").chmod(0o755)
    words = ["/bin/sh", CONTAINERS / "proxy.sh", DEPLOYMENT / "nginx/countylink.conf", folder / "made.conf"]
    done = subprocess.run(words, env={"PATH": f"{programs}:/usr/bin:/bin"}, capture_output=True, text=True)
    return done, (folder / "made.conf").read_text()


def test_the_proxy_asks_for_addresses_again_and_says_who_looked_to_the_engine(tmp_path: Path) -> None:
    done, made = started_proxy(tmp_path)
    assert done.returncode == 0, done.stderr
    assert re.match(r"resolver \S+ valid=\d+s;\n", made)
    assert "127.0.0.1:300" not in made
    assert "upstream" not in made.replace("$http_upgrade", "")
    assert re.findall(r"set \$webserver (\w+:\d+); proxy_pass http://\$webserver;", made) == [
        "watch:3001",
        "admin:3000",
    ]
    assert "access_log /dev/stdout countylink;" in made
    shipped = (DEPLOYMENT / "nginx/countylink.conf").read_text()
    assert len(made.splitlines()) == len(shipped.splitlines()) + 1 - len(re.findall("^upstream", shipped, re.MULTILINE))


def test_nginx_takes_what_the_proxy_is_given(tmp_path: Path) -> None:
    nginx = shutil.which("nginx") or "/usr/sbin/nginx"
    if not Path(nginx).exists():
        pytest.skip("nginx is not installed")
    _, made = started_proxy(tmp_path)
    key = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=test"]
    files = ["-keyout", tmp_path / "tls.key", "-out", tmp_path / "tls.crt"]
    subprocess.run(["openssl", "req", *key, *files], check=True, capture_output=True)
    here = made.replace("/etc/countylink", str(tmp_path)).replace("listen 443", f"listen 127.0.0.1:{free_port()}")
    (tmp_path / "made.conf").write_text(here)
    (tmp_path / "nginx.conf").write_text(f"pid {tmp_path}/pid; events {{}}\nhttp {{ include {tmp_path}/made.conf; }}\n")
    words = [nginx, "-t", "-p", tmp_path, "-e", tmp_path / "errors.log", "-c", tmp_path / "nginx.conf"]
    looked = subprocess.run(words, capture_output=True, text=True)
    assert looked.returncode == 0, looked.stderr
