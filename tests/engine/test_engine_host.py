"""Our language host under the real engine: what `pulumi` shows and leaves behind."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from importlib import metadata
from pathlib import Path

import pytest

from tests.support.pulumi import ROOT, Pulumi, write_program

pytestmark = pytest.mark.engine

Project = Callable[[str], Pulumi]


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A stack for a program of the given source."""

    def make(source: str) -> Pulumi:
        program = write_program(tmp_path / "program", source)
        pulumi = Pulumi(tmp_path, program)
        pulumi.run("stack", "init", pulumi.stack)
        return pulumi

    return make


def test_host_passes_its_own_tests() -> None:
    go = shutil.which("go")
    if go is None:
        pytest.skip("there is no Go on PATH; the same host is tested through the engine below")
    env = os.environ | {"GOFLAGS": "-mod=readonly -buildvcs=false", "GOTOOLCHAIN": "local", "CGO_ENABLED": "0"}
    done = subprocess.run(
        [go, "test", "./..."], cwd=ROOT / "engine", env=env, capture_output=True, text=True, timeout=600, check=False
    )
    if "go.mod requires go >=" in done.stderr:
        pytest.skip(done.stderr.strip())
    assert done.returncode == 0, done.stdout + done.stderr


def test_program_without_config_and_without_resources(project: Project) -> None:
    pulumi = project("""
        import os, pulumi
        pulumi.export("config", os.environ["PULUMI_CONFIG"])
        pulumi.export("secret_keys", os.environ["PULUMI_CONFIG_SECRET_KEYS"])
        pulumi.export("nothing", pulumi.Config().get("missing") or "nothing")
        """)
    pulumi.up()
    assert pulumi.outputs() == {"config": "{}", "secret_keys": "[]", "nothing": "nothing"}


def test_config_and_secrets_reach_the_program_but_no_command_line(project: Project) -> None:
    pulumi = project("""
        import pathlib, pulumi
        config = pulumi.Config()
        arguments = [path.read_bytes() for path in pathlib.Path("/proc").glob("[0-9]*/cmdline")]
        pulumi.export("name", config.require("name"))
        pulumi.export("password", config.require_secret("password"))
        pulumi.export("exposed", sum(config.require("password").encode() in line for line in arguments))
        """)
    pulumi.config_set("name", "ünïcode 'quoted'")
    pulumi.config_set("password", "correct horse battery staple", secret=True)
    said = pulumi.up().stdout
    assert "correct horse" not in said
    assert pulumi.outputs() == {"name": "ünïcode 'quoted'", "password": "correct horse battery staple", "exposed": 0}
    assert "correct horse" not in json.dumps(pulumi.export())


def test_program_that_raises_shows_its_traceback_once(project: Project) -> None:
    pulumi = project("""
        def release(version):
            raise ValueError(f"no such release: {version}")

        release("phase-9z")
        """)
    done = pulumi.up(check=False)
    said = done.stdout + done.stderr
    assert done.returncode != 0
    assert "ValueError: no such release: phase-9z" in said
    assert 'release("phase-9z")' in said
    diagnostics = said.partition("Diagnostics:")[2]
    assert diagnostics.count("ValueError: no such release") == 1
    assert "exited with code" not in said


def test_program_that_exits_and_one_that_is_killed(project: Project) -> None:
    pulumi = project("""
        import os, sys, pulumi
        if pulumi.Config().get("how") == "kill":
            os.kill(os.getpid(), 9)
        sys.exit(7)
        """)
    done = pulumi.up(check=False)
    assert done.returncode != 0
    assert "the program exited with code 7" in done.stdout + done.stderr
    pulumi.config_set("how", "kill")
    done = pulumi.up(check=False)
    assert done.returncode != 0
    assert "the program was killed by signal 9" in done.stdout + done.stderr


POLICY = """
import json, os, sys
from concurrent import futures
import grpc, pulumi
from google.protobuf import json_format
from pulumi.runtime.proto import analyzer_pb2 as rpc, analyzer_pb2_grpc, plugin_pb2

WHERE = f"{pulumi.get_project()}/{pulumi.get_stack()}"  # known to the main thread only
NO_RED = {"name": "no-red", "description": "Nothing has the forbidden color.", "enforcementLevel": rpc.MANDATORY}


class Colors(analyzer_pb2_grpc.AnalyzerServicer):
    def GetAnalyzerInfo(self, request, context):
        return rpc.AnalyzerInfo(name="colors", version="0.0.1", policies=[rpc.PolicyInfo(**NO_RED)])

    def GetPluginInfo(self, request, context):
        return plugin_pb2.PluginInfo(version="0.0.1")

    def Analyze(self, request, context):
        forbidden = pulumi.Config("test").require("forbidden")
        if json_format.MessageToDict(request.properties).get("color") != forbidden:
            return rpc.AnalyzeResponse()
        message = f"{forbidden} is forbidden in {WHERE}"
        return rpc.AnalyzeResponse(diagnostics=[rpc.AnalyzeDiagnostic(
            policyName="no-red", policyPackName="colors", policyPackVersion="0.0.1",
            description=NO_RED["description"], message=message, enforcementLevel=rpc.MANDATORY)])

    def AnalyzeStack(self, request, context):
        return rpc.AnalyzeResponse()

    def Remediate(self, request, context):
        return rpc.RemediateResponse()


assert os.path.exists("PulumiPolicy.yaml"), "the pack does not run in its folder"
server = grpc.server(futures.ThreadPoolExecutor())
analyzer_pb2_grpc.add_AnalyzerServicer_to_server(Colors(), server)
print(server.add_insecure_port("127.0.0.1:0"), flush=True)
server.start()
server.wait_for_termination()
"""
"""What PyPI's pulumi-policy makes of a pack, in short: a server of the Analyzer service."""

WIDGETS = """
from pathlib import Path
from pulumi.dynamic import CreateResult, Resource, ResourceProvider


class WidgetProvider(ResourceProvider):
    def create(self, props):
        with Path("created.log").open("a") as log:
            log.write(props["color"] + "\\n")
        return CreateResult("widget-" + props["color"], props)


class Widget(Resource):
    def __init__(self, name, color):
        super().__init__(WidgetProvider(), name, {"color": color})
"""


def test_mandatory_policy_blocks_before_anything_is_made(project: Project, tmp_path: Path) -> None:
    pulumi = project("""
        import pulumi
        from widgets import Widget
        Widget("it", pulumi.Config().require("color"))
        """)
    (pulumi.program / "widgets.py").write_text(WIDGETS)
    pack = tmp_path / "pack"
    pack.mkdir()
    runtime = {"name": "python", "options": {"virtualenv": sys.prefix, "toolchain": "pip"}}
    (pack / "PulumiPolicy.yaml").write_text(json.dumps({"runtime": runtime, "version": "0.0.1"}))
    (pack / "__main__.py").write_text(POLICY)
    pulumi.config_set("forbidden", "red")
    pulumi.config_set("color", "red")
    env = {"PULUMI_OPTION_POLICY_PACK": str(pack)}

    blocked = pulumi.up(check=False, env=env)
    assert blocked.returncode != 0
    assert "red is forbidden in test/test" in blocked.stdout + blocked.stderr
    assert not (pulumi.program / "created.log").exists()

    pulumi.config_set("color", "green")
    pulumi.up(env=env)
    assert (pulumi.program / "created.log").read_text() == "green\n"


PLUGIN = """
import sys
from pulumi.provider.experimental import provider as rpc
from pulumi.provider.experimental.property_value import PropertyValue
from pulumi.provider.experimental.server import main


class Lamp(rpc.Provider):
    async def check(self, request):
        return rpc.CheckResponse(inputs=request.new_inputs, failures=[])

    async def create(self, request):
        print("a plugin may print", flush=True)
        return rpc.CreateResponse(resource_id="lamp-1", properties={
            **request.properties, "light": PropertyValue(request.properties["watts"].value * 10)})


main(sys.argv[1:], "1.2.3", Lamp())
"""


def test_python_plugin_of_the_plugin_folder(project: Project) -> None:
    pulumi = project("""
        import pulumi
        pulumi.CustomResource("lamp:index:Lamp", "desk", {"watts": 4, "light": None},
                              pulumi.ResourceOptions(version="1.2.3"))
        """)
    folder = pulumi.home / "plugins" / "resource-lamp-v1.2.3"
    folder.mkdir(parents=True)
    runtime = {"name": "python", "options": {"virtualenv": sys.prefix, "toolchain": "pip"}}
    (folder / "PulumiPlugin.yaml").write_text(json.dumps({"runtime": runtime}))
    (folder / "__main__.py").write_text(PLUGIN)
    pulumi.up()
    assert pulumi.resources()["desk"]["outputs"] == {"watts": 4, "light": 40}
    assert pulumi.processes() == []


def test_plugins_of_installed_sdks_are_required_at_their_versions(project: Project) -> None:
    pulumi = project("import pulumi")
    said = pulumi.preview(env={"PULUMI_OPTION_LOGTOSTDERR": "true", "PULUMI_OPTION_VERBOSE": "7"})
    log = said.stdout + said.stderr
    for name in ("aws", "cloudflare", "github"):
        version = metadata.version(f"pulumi-{name}")
        assert f"package {name}-{version}" in log


def wait_until(condition: Callable[[], object], seconds: float) -> float:
    """Wait for it; returns how long it took."""
    start = time.monotonic()
    while not condition():
        assert time.monotonic() - start < seconds, "it did not happen in time"
        time.sleep(0.05)
    return time.monotonic() - start


ENDLESS = """
    import pathlib, time
    pathlib.Path("started").touch()
    time.sleep(600)
    """


@pytest.mark.parametrize("blow", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_stopping_the_engine_stops_a_running_program(project: Project, blow: signal.Signals) -> None:
    pulumi = project(ENDLESS)
    engine = subprocess.Popen(
        pulumi.command("up", "--yes", "--skip-preview", "-s", pulumi.stack),
        cwd=pulumi.program,
        env=pulumi.env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        wait_until((pulumi.program / "started").exists, 30)
        engine.send_signal(blow)
        said, _ = engine.communicate(timeout=15)
        wait_until(lambda: not pulumi.processes(), 6)
    finally:
        pulumi.reap()
    assert engine.returncode != 0
    locks = list(pulumi.backend.glob(".pulumi/locks/**/*.json"))
    if blow is signal.SIGKILL:
        assert len(locks) == 1  # nobody was left to remove it; `pulumi cancel` does
    else:
        assert "update canceled" in said
        assert locks == []
