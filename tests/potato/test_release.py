"""The name of the release that runs."""

from pathlib import Path

import pytest

from potato import release

FILES = {
    "templates/base.html": "<p>",
    "potato/web/middleware.py": "a = 1",
    "prices/templates/prices/item.html": "<p>",
    "locale/my/LC_MESSAGES/django.mo": "a",
    "static/potato/potato.css": "a {}",
    "requirements.txt": "Django==5.2",
}


def write(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return folder


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return write(tmp_path / "project", FILES)


def name_of(project: Path) -> str:
    return release.digest(project, static_root=project.parent / "collected")


class TestRelease:
    def test_has_the_same_name_on_two_hosts(self, project, tmp_path):
        other = write(tmp_path / "other", dict(reversed(FILES.items())))

        assert name_of(other) == name_of(project)

    @pytest.mark.parametrize("name", FILES)
    def test_has_another_name_when_a_file_changes(self, project, name):
        before = name_of(project)

        (project / name).write_text("changed")

        assert name_of(project) != before

    @pytest.mark.parametrize("name", FILES)
    def test_has_another_name_when_a_file_is_gone(self, project, name):
        before = name_of(project)

        (project / name).unlink()

        assert name_of(project) != before

    def test_has_another_name_when_static_files_are_collected_anew(self, project):
        before = name_of(project)

        write(project.parent, {"collected/staticfiles.json": "{}"})

        assert name_of(project) != before

    @pytest.mark.parametrize("setting", release.SETTINGS)
    def test_has_another_name_when_a_setting_that_pages_show_changes(self, project, settings, setting):
        before = name_of(project)

        setattr(settings, setting, "changed")

        assert name_of(project) != before

    def test_has_the_same_name_whatever_python_compiles_and_tests_and_documents_hold(self, project):
        before = name_of(project)

        write(project, {"potato/__pycache__/urls.pyc": "a", "tests/test_any.py": "a", "docs/any.md": "a"})

        assert name_of(project) == before

    def test_of_this_process_stays(self):
        assert release.name() == release.name()
        assert len(release.name()) == 16

    def test_has_only_settings_that_exist(self, settings):
        assert [name for name in release.SETTINGS if not hasattr(settings, name)] == []
