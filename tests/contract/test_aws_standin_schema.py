"""The stand-in declares each property as the vendor's SDK does: name, type, requiredness, nested ones too."""

from __future__ import annotations

import importlib
import inspect
import json
import os
import re
from pathlib import Path
from typing import Any

import pytest

from rehearsal.plugins.aws.account import CONFIG_KEYS, Account
from rehearsal.plugins.aws.catalog import KINDS
from rehearsal.plugins.kind import Kind
from rehearsal.plugins.schema import Block, Items, Property, Table

ROOT = Path(__file__).parents[2]
CONTRACTS = Path(os.environ.get("FLEETIFY_CONTRACTS", ROOT.parent / "shared" / "contracts"))
FILE = CONTRACTS / "pulumi-aws.json"

by_type = pytest.mark.parametrize("kind", KINDS, ids=[kind.type_name for kind in KINDS])


@pytest.fixture(scope="module")
def contract() -> dict[str, Any]:
    if not FILE.exists():
        pytest.skip(f"the vendors' contracts are not at {CONTRACTS}; name them with FLEETIFY_CONTRACTS")
    loaded: dict[str, Any] = json.loads(FILE.read_text())
    return loaded


def _resolved(shape: dict[str, Any], contract: dict[str, Any]) -> dict[str, Any]:
    reference = shape.get("$ref", "")
    name = reference.removeprefix("#/types/")
    return contract["types"][name] if reference.startswith("#/types/") else shape


def _disagreements(path: str, ours: Property, theirs: dict[str, Any], contract: dict[str, Any]) -> list[str]:
    if "oneOf" in theirs:  # the SDK also takes the object that the JSON string holds
        theirs = theirs["oneOf"][0]
    shape = _resolved(theirs, contract)
    kind = shape.get("type", "object")
    if kind != ours.kind:
        return [f"{path}: we say {ours.kind}, the SDK {kind}"]
    if isinstance(ours, Items):
        return _disagreements(f"{path}[]", ours.of, shape["items"], contract)
    if isinstance(ours, Table):
        return [] if "additionalProperties" in shape else [f"{path}: the SDK has no free names here"]
    if isinstance(ours, Block):
        return _block_disagreements(path, ours, shape, contract)
    return []


def _block_disagreements(path: str, ours: Block, shape: dict[str, Any], contract: dict[str, Any]) -> list[str]:
    theirs = shape.get("properties", {})
    found = [f"{path}.{name}: not in the SDK" for name in ours.fields.keys() - theirs.keys()]
    found += [f"{path}.{name}: only in the SDK" for name in theirs.keys() - ours.fields.keys()]
    required = set(shape.get("required") or [])
    for name, item in ours.fields.items():
        if name in theirs:
            found += _disagreements(f"{path}.{name}", item, theirs[name], contract)
            if item.required != (name in required):
                found.append(f"{path}.{name}: required is {item.required} here, {name in required} in the SDK")
    return found


@by_type
def test_types_agree_with_the_contract(kind: Kind[Account], contract: dict[str, Any]) -> None:
    # The contract's `inputProperties` of three types are those of a nested type of the same name; these are right.
    theirs = contract["resources"][kind.type_name]["properties"]
    if kind.type_name.endswith(":Bucket"):
        theirs = theirs | {"forceDestroy": {"type": "boolean"}}
    unknown = [name for name in (*kind.inputs, *kind.outputs) if name not in theirs]
    found = [
        problem
        for name, item in kind.inputs.items()
        if name in theirs
        for problem in _disagreements(name, item, theirs[name], contract)
    ]
    assert (unknown, found) == ([], [])


@pytest.mark.filterwarnings("ignore:.*deprecated in favor of:DeprecationWarning")  # the SDK, of itself
@by_type
def test_inputs_and_their_requiredness_are_the_sdks(kind: Kind[Account]) -> None:
    _, place, name = kind.type_name.split(":")
    service, _ = place.split("/")
    module = importlib.import_module(f"pulumi_aws.{service}.{_snake(name)}")
    # Where a nested type took the name, the SDK calls the resource's own arguments InitArgs.
    arguments = vars(module).get(f"{name}InitArgs") or vars(module)[f"{name}Args"]
    parameters = dict(inspect.signature(arguments.__init__).parameters)
    parameters.pop("__self__")
    ours = {_snake(item) for item in (*kind.inputs, *kind.refused)}
    required = {_snake(item) for item, declared in kind.inputs.items() if declared.required}
    assert ours == set(parameters)
    assert required == {name for name, one in parameters.items() if one.default is inspect.Parameter.empty}


def test_config_keys_are_the_sdks(contract: dict[str, Any]) -> None:
    assert set(contract["provider"]["inputProperties"]) == CONFIG_KEYS


def _snake(name: str) -> str:
    return re.sub(r"(?<!^)([A-Z])", r"_\1", name).lower()
