"""The stack's config: every fault at once, nothing secret in a message, no surprise from hostile values."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from fleetify.errors import SettingsError
from fleetify.releases import load_release
from fleetify.settings import SECRET_KEYS, Settings, config_keys, load_settings
from fleetify.settings_documentation import render

GOOD = {"fleetify:schema": "phase-7d"}


def faults_of(config: dict[str, str]) -> str:
    with pytest.raises(SettingsError) as caught:
        load_settings(config)
    return str(caught.value)


def test_one_key_is_enough() -> None:
    settings = load_settings(GOOD)
    assert settings.schema_release == "phase-7d"
    assert settings.backup.minimum_bytes == 1_000_000
    assert settings.migrations.folder == "migrations"


def test_reads_structured_values_as_pulumi_hands_them_over() -> None:
    settings = load_settings(
        {
            **GOOD,
            "fleetify:backup": '{"retentionDays":30}',
            "fleetify:migrations": '{"baseline":{"through":"20250901000400"}}',
        }
    )
    assert settings.backup.retention_days == 30
    assert settings.migrations.baseline is not None
    assert settings.migrations.baseline.trust == "files"


def test_keys_of_other_namespaces_are_left_alone() -> None:
    assert load_settings({**GOOD, "aws:region": "eu-central-1"}).database == "fleetify"


def test_reports_every_fault_with_key_value_and_example() -> None:
    message = faults_of(
        {
            "fleetify:backup": '{"retentionDays": 0, "lockMod": "COMPLIANCE"}',
            "fleetify:execution": '{"lockTimeoutSeconds": "soon"}',
            "fleetify:migrations": '{"layout": "rails", "folder": "../elsewhere"}',
        }
    )
    assert "6 faults" in message
    assert "fleetify:schema is missing; for example: phase-7d" in message
    assert (
        "fleetify:backup.retentionDays: input should be greater than or equal to 1; seen: 0; for example: 90" in message
    )
    assert "fleetify:backup.lockMod is no known key; did you mean lockMode?" in message
    assert "fleetify:execution.lockTimeoutSeconds" in message
    assert "seen: 'soon'" in message
    assert "fleetify:migrations.layout" in message
    assert "must be a path inside the project; seen: '../elsewhere'" in message


def test_rejects_an_unknown_key_with_the_nearest_name() -> None:
    assert "fleetify:shema is no known key; did you mean schema?" in faults_of({**GOOD, "fleetify:shema": "x"})


def test_rejects_a_text_where_a_section_belongs() -> None:
    assert "fleetify:backup: must be a mapping or list" in faults_of({**GOOD, "fleetify:backup": "a lot"})


@pytest.mark.parametrize("name", ["", "Phase-7d", "../phase", "phase 7d", "-x", "a" * 64, "phase\n7d", "phasé"])
def test_rejects_what_is_no_release_name(name: str) -> None:
    assert "fleetify:schema" in faults_of({"fleetify:schema": name})


def test_the_environment_goes_before_the_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load_settings({**GOOD, "fleetify:databaseUrl": "postgresql://a"})
    monkeypatch.setenv("FLEETIFY_DATABASE_URL", "postgresql://b")
    assert settings.resolve_database_url() == "postgresql://b"
    monkeypatch.delenv("FLEETIFY_DATABASE_URL")
    assert settings.resolve_database_url() == "postgresql://a"
    with pytest.raises(SettingsError, match="pulumi config set --secret fleetify:databaseUrl"):
        load_settings(GOOD).resolve_database_url()


def test_the_secret_shows_nowhere() -> None:
    config = {**GOOD, "fleetify:databaseUrl": "postgresql://u:hunter2@h/d", "fleetify:nonsense": "x"}
    assert "hunter2" not in faults_of(config)
    assert "hunter2" not in repr(load_settings({**GOOD, "fleetify:databaseUrl": "postgresql://u:hunter2@h/d"}))


def test_every_field_says_what_it_is_and_shows_an_example() -> None:
    for name, field in Settings.model_fields.items():
        assert field.description, name
        nested = field.annotation
        if isinstance(nested, type) and hasattr(nested, "model_fields"):
            for inner, inner_field in nested.model_fields.items():
                assert inner_field.description, f"{name}.{inner}"
                assert inner_field.examples, f"{name}.{inner}"


@given(
    st.dictionaries(
        st.one_of(st.sampled_from(config_keys()), st.text(max_size=20)).map(lambda key: f"fleetify:{key}"),
        st.one_of(
            st.text(max_size=80),
            st.recursive(
                st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=10),
                lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
                max_leaves=8,
            ).map(json.dumps),
        ),
        max_size=5,
    )
)
def test_any_config_is_either_settings_or_one_settings_error(config: dict[str, str]) -> None:
    try:
        settings = load_settings(config)
    except SettingsError as error:
        assert "fault" in str(error)  # noqa: PT017 either outcome is fine; no other error is
    else:
        assert settings.schema_release == config["fleetify:schema"]


def test_the_reference_page_is_current() -> None:
    assert (Path(__file__).resolve().parents[2] / "docs/reference/config.md").read_text() == render()


def test_pulumi_yaml_declares_exactly_our_keys() -> None:
    declared = yaml.safe_load((Path(__file__).resolve().parents[2] / "Pulumi.yaml").read_text())["config"]
    # A declared key needs a value, and a secret one a secret value: an optional secret cannot be declared.
    assert set(declared) == set(config_keys()) - SECRET_KEYS
    assert all(entry["description"] and entry["type"] for entry in declared.values())


@pytest.mark.parametrize("stack", ["prod", "staging", "rehearsal"])
def test_our_own_stacks_are_valid(stack: str) -> None:
    root = Path(__file__).resolve().parents[2]
    config = yaml.safe_load((root / f"Pulumi.{stack}.yaml").read_text())["config"]
    settings = load_settings(
        {key: value if isinstance(value, str) else json.dumps(value) for key, value in config.items()}
    )
    assert load_release(root, settings.schema_release)
