"""The deployment files name what exists: files, commands, options, settings, datasets. Nothing here needs an engine."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from nba_assets.tables import DATASETS
from nba_assets.variables import VARIABLES
from nba_assets_tests.deploy.files import (
    DEPLOY,
    PLATFORM_SERVICES,
    ROOT,
    command,
    compose,
    dockerfile,
    healthcheck,
    in_exec_form,
    terraform,
)

BIN = Path(sys.executable).parent
NAMES = {variable.name for variable in VARIABLES}


def run(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(words, capture_output=True, text=True, cwd=ROOT)


def test_hadolint_finds_nothing_in_the_dockerfile():
    done = run(str(BIN / "hadolint"), "Dockerfile")
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_compose_file_fits_the_compose_specification():
    done = run(str(BIN / "check-jsonschema"), "--builtin-schema", "vendor.compose-spec", "deploy/compose.yaml")
    assert done.returncode == 0, done.stdout + done.stderr


def test_what_the_image_copies_exists_and_is_not_ignored():
    ignored = (ROOT / ".dockerignore").read_text().split()
    assert ignored[0] == "*"
    for _, rest in [(word, rest) for word, rest in dockerfile() if word == "COPY" and "--from" not in rest]:
        *sources, _target = rest.split()
        for source in sources:
            assert (ROOT / source).exists(), source
            assert f"!{source}" in ignored, source


def test_the_image_is_made_from_the_lock_with_hashes_as_the_makefile_does():
    steps = " ".join(rest for word, rest in dockerfile() if word == "RUN")
    assert "--no-deps --require-hashes -r requirements.lock" in steps
    assert "--no-deps --no-build-isolation ." in steps
    assert "--no-deps --require-hashes -r requirements.lock" in (ROOT / "Makefile").read_text()
    lock = (ROOT / "requirements.lock").read_text()
    requirements = re.split(r"^(?=[a-z0-9])", lock, flags=re.MULTILINE)[1:]
    assert len(requirements) > 50
    assert [r.split()[0] for r in requirements if "--hash=sha256:" not in r] == []


def test_a_package_built_from_what_the_image_copies_has_every_module(tmp_path):
    (source := tmp_path / "src").mkdir()
    for name in ("pyproject.toml", "README.md"):
        shutil.copy(ROOT / name, source)
    shutil.copytree(ROOT / "nba_assets", source / "nba_assets", ignore=shutil.ignore_patterns("__pycache__"))
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check")
    wheel = ("wheel", "--quiet", "--no-deps", "--no-build-isolation", "-w", str(tmp_path), str(source))
    done = run(*pip, *wheel)
    assert done.returncode == 0, done.stderr
    (file,) = tmp_path.glob("*.whl")
    packed = {name for name in zipfile.ZipFile(file).namelist() if name.endswith(".py")}
    assert packed == {str(path.relative_to(ROOT)) for path in (ROOT / "nba_assets").rglob("*.py")}


def test_the_image_has_two_stages_and_does_not_run_as_root():
    words = [word for word, _ in dockerfile()]
    assert words.count("FROM") == 2
    (user,) = [rest for word, rest in dockerfile() if word == "USER"]
    assert int(user) > 0
    assert words.index("USER") > len(words) - 1 - words[::-1].index("RUN")


def test_the_images_python_is_the_one_that_the_locks_are_for():
    versions = {re.match(r"python:(\d+\.\d+)", rest)[1] for word, rest in dockerfile() if word == "FROM"}  # type: ignore[index]
    assert versions == {"3.11"}
    assert "--python-version 3.11" in (ROOT / "Makefile").read_text()


@pytest.mark.parametrize("words", [*map(command, PLATFORM_SERVICES), in_exec_form("ENTRYPOINT") + in_exec_form("CMD")])
def test_every_option_of_a_command_exists(words):
    assert words[:2] == ["nba-assets", "exec"]
    options = [word for word in words if word.startswith("--")]
    subcommands = words[2 : words.index(options[0])]
    done = run(str(BIN / "nba-assets"), "exec", *subcommands, "--help")
    assert done.returncode == 0, done.stderr
    assert options
    assert [option for option in options if option not in done.stdout] == []


def test_services_find_each_other():
    services = compose()["services"]
    hosts = [words[words.index("--grpc-host") + 1] for words in map(command, ("web", "daemon"))]
    ports = [words[words.index("--grpc-port") + 1] for words in map(command, ("web", "daemon"))]
    served = command("code")
    assert set(hosts) == {"code"} <= set(services)
    assert set(ports) == {served[served.index("--port") + 1]}
    url = services["code"]["environment"]["NBA_ASSETS_POSTGRES_URL"]
    database = services["postgres"]["environment"]
    assert url.startswith(f"postgresql://{database['POSTGRES_USER']}:${{POSTGRES_PASSWORD:")
    assert url.endswith(f"@postgres:5432/{database['POSTGRES_DB']}")


def test_every_module_and_port_that_is_named_is_the_projects():
    for service in PLATFORM_SERVICES:
        words = command(service)
        if "--module-name" in words:
            assert words[words.index("--module-name") + 1] == "nba_assets.definitions"
    web = command("web")
    assert compose()["services"]["web"]["ports"] == [f"127.0.0.1:3000:{web[web.index('--port') + 1]}"]


def test_all_processes_share_home_and_database_and_only_this_machine_reaches_the_web_interface():
    services = compose()["services"]
    assert len({str(services[name]["environment"]) for name in PLATFORM_SERVICES}) == 1
    assert {tuple(services[name]["volumes"]) for name in PLATFORM_SERVICES} == {("home:/data",)}
    assert services["code"]["environment"]["NBA_ASSETS_HOME"] == "/data"
    published = [port for service in services.values() for port in service.get("ports", [])]
    assert all(port.startswith("127.0.0.1:") for port in published)


def test_settings_in_the_compose_file_and_the_example_exist():
    example = re.findall(r"^([A-Z_]+)=(.*)$", (DEPLOY / "example.env").read_text(), re.MULTILINE)
    names = {name for name, _ in example} | set(compose()["services"]["code"]["environment"])
    assert names - {"POSTGRES_PASSWORD"} <= NAMES
    assert ("POSTGRES_PASSWORD", "") in example


def test_every_secret_is_named_in_the_example_and_none_has_a_value_in_a_file():
    example = dict(re.findall(r"^([A-Z_]+)=(.*)$", (DEPLOY / "example.env").read_text(), re.MULTILINE))
    secrets = {variable.name for variable in VARIABLES if variable.is_secret}
    assert secrets - {"NBA_ASSETS_POSTGRES_URL"} <= set(example)
    assert [name for name in secrets if example.get(name)] == []
    for environment in (service["environment"] for service in compose()["services"].values()):
        assert all("${" in str(v) for k, v in environment.items() if k in secrets or "PASSWORD" in k)
    assert "deploy/.env" in (ROOT / ".gitignore").read_text().split()


@pytest.mark.parametrize("service", PLATFORM_SERVICES)
def test_every_service_has_a_health_check(service):
    assert healthcheck(service)


def test_terraform_makes_the_datasets_that_the_tables_are_in():
    (values,) = terraform()["locals"]
    assert {*DATASETS, "nba_assets"} <= set(values["datasets"])
    kinds = [kind for resource in terraform()["resource"] for kind in resource]
    assert {"google_bigquery_dataset", "google_storage_bucket", "google_service_account"} <= set(kinds)


def test_every_variable_of_terraform_is_declared_and_used():
    text = "".join(file.read_text() for file in (DEPLOY / "terraform").glob("*.tf"))
    declared = {name for block in terraform()["variable"] for name in block}
    assert set(re.findall(r"\bvar\.(\w+)", text)) == declared


def test_every_resource_that_terraform_refers_to_is_declared():
    text = "".join(file.read_text() for file in (DEPLOY / "terraform").glob("*.tf"))
    declared = {f"{kind}.{name}" for one in terraform()["resource"] for kind, named in one.items() for name in named}
    used = set(re.findall(r"(?<![\"/\w])(google_\w+\.\w+)", text))
    assert used
    assert used <= declared


def test_the_service_account_may_not_delete_or_own_anything_but_tables():
    roles = {
        settings["role"]
        for one in terraform()["resource"]
        for kind, named in one.items()
        for settings in named.values()
        if "_iam_" in kind
    }
    assert roles == {
        "roles/bigquery.user",
        "roles/bigquery.dataEditor",
        "roles/storage.objectViewer",
        "roles/storage.objectCreator",
    }
