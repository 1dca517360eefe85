"""What ``bin/run``, ``bin/test`` and the image install: whole, in step, and nothing that the hashes do not name."""

import hashlib
import os
import shutil
import subprocess
import tarfile
import venv
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PROJECT = Path(__file__).resolve().parents[2]


def pins(name: str) -> dict[str, str]:
    """The exact version, such as ``==5.2.19``, of each package that a requirement file names."""
    found = {}
    for line in (PROJECT / name).read_text().splitlines():
        if line and not line.startswith(("#", "-", " ")):
            requirement = Requirement(line.removesuffix("\\"))
            found[canonicalize_name(requirement.name)] = str(requirement.specifier)
    return found


class TestRequirementFiles:
    @pytest.mark.parametrize("name", ["requirements", "requirements-dev"])
    def test_hold_every_package_written_by_hand_in_its_version(self, name):
        by_hand = pins(f"{name}.in")

        assert by_hand
        assert by_hand.items() <= pins(f"{name}.txt").items()

    def test_are_tested_with_the_versions_that_run(self):
        assert pins("requirements.txt").items() <= pins("requirements-dev.txt").items()


@pytest.fixture(scope="module")
def empty_environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A virtual environment with pip alone, to be copied: making one takes seconds."""
    folder = tmp_path_factory.mktemp("empty") / ".venv"
    venv.create(folder, with_pip=True)
    return folder


@pytest.fixture
def checkout(tmp_path: Path, empty_environment: Path) -> Iterator[Path]:
    """A project with nothing but the means to install packages."""
    project = tmp_path / "project"
    (project / "bin" / "lib").mkdir(parents=True)
    shutil.copytree(empty_environment, project / ".venv", symlinks=True)
    shutil.copy(PROJECT / "bin" / "lib" / "setup.sh", project / "bin" / "lib")
    (project / "bin" / "lib" / "mongod.txt").touch()
    yield project
    # As root, setup.sh has its files there rather than in the checkout.
    name = hashlib.sha256(str(project.resolve()).encode()).hexdigest()[:12]
    shutil.rmtree(Path("/var/lib/potato", name), ignore_errors=True)


@pytest.fixture
def registry(tmp_path: Path) -> Path:
    """A folder of packages, the only one that pip asks here."""
    folder = tmp_path / "registry"
    folder.mkdir()
    return folder


@pytest.fixture
def install(checkout: Path, registry: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs ``python_packages`` of ``bin/lib/setup.sh`` for a file, ``requirements.txt`` unless it is named."""
    pip = {"PIP_CONFIG_FILE": os.devnull, "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(registry)}

    def run(name: str = "requirements.txt") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["bash", "-c", f". bin/lib/setup.sh; python_packages {name}"],
            cwd=checkout,
            env=os.environ | pip,
            capture_output=True,
            text=True,
            timeout=120,
        )

    return run


def make_wheel(folder: Path, version: str) -> str:
    """Put a wheel of the package ``scales`` there; return its SHA-256."""
    path = folder / f"scales-{version}-py3-none-any.whl"
    info = f"scales-{version}.dist-info"
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr("scales.py", f"version = {version!r}\n")
        wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: scales\nVersion: {version}\n")
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{info}/RECORD", "")
    return hashlib.sha256(path.read_bytes()).hexdigest()


def make_source_archive(folder: Path, version: str) -> str:
    """Put a source archive of ``scales`` there whose build would leave ``built`` beside it; return its SHA-256."""
    setup = folder / "setup.py"
    setup.write_text(
        f"open({str(folder / 'built')!r}, 'w')\nimport setuptools\nsetuptools.setup(name='scales')\n"
    )
    path = folder / f"scales-{version}.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        archive.add(setup, f"scales-{version}/setup.py")
    return hashlib.sha256(path.read_bytes()).hexdigest()


def require(checkout: Path, version: str, sha256: str) -> None:
    for name in ("requirements.txt", "requirements-dev.txt"):
        (checkout / name).write_text(f"scales=={version} --hash=sha256:{sha256}\n")


def installed_version(checkout: Path) -> str:
    program = [checkout / ".venv" / "bin" / "python", "-c", "import scales; print(scales.version)"]
    return subprocess.run(program, capture_output=True, text=True, check=True).stdout.strip()


class TestPythonPackages:
    def test_follow_the_checkout_to_another_version_and_back(self, checkout, registry, install):
        old, new = make_wheel(registry, "1.0"), make_wheel(registry, "2.0")
        versions = []

        for version, sha256, name in (
            ("1.0", old, "requirements-dev.txt"),
            ("2.0", new, "requirements.txt"),
            ("1.0", old, "requirements-dev.txt"),
        ):
            require(checkout, version, sha256)
            assert install(name).returncode == 0
            versions.append(installed_version(checkout))

        assert versions == ["1.0", "2.0", "1.0"]

    def test_are_not_asked_for_while_the_file_stays_the_same(self, checkout, registry, install):
        require(checkout, "1.0", make_wheel(registry, "1.0"))
        first = install()
        shutil.rmtree(registry)
        second = install()

        assert "Installing" in first.stderr
        assert (second.returncode, second.stderr) == (0, "")

    def test_are_refused_with_another_hash(self, checkout, registry, install):
        make_wheel(registry, "1.0")
        require(checkout, "1.0", "0" * 64)

        for _ in range(2):
            refused = install()

            assert refused.returncode == 1
            assert "DO NOT MATCH THE HASHES" in refused.stderr
        assert not list(checkout.glob(".venv/lib/*/site-packages/scales*"))

    def test_are_refused_without_a_hash(self, checkout, registry, install):
        make_wheel(registry, "1.0")
        (checkout / "requirements.txt").write_text("scales==1.0\n")

        refused = install()

        assert refused.returncode == 1
        assert "Hashes are required" in refused.stderr

    def test_are_never_built_here(self, checkout, registry, install):
        require(checkout, "1.0", make_source_archive(registry, "1.0"))

        refused = install()

        assert refused.returncode == 1
        assert "No matching distribution found for scales==1.0" in refused.stderr
        assert not (registry / "built").exists()
