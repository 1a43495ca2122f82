"""Migration tools: how each is given the same files and told to apply them to an empty database."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar
from urllib.parse import urlsplit

from benchmarks import tools
from benchmarks.databases import libpq_environment
from benchmarks.processes import run, timed
from benchmarks.sql_files import SqlFile

_FLYWAY_MAIN = """
import org.flywaydb.core.Flyway;
public class Migrate {
    public static void main(String[] arguments) {
        Flyway.configure()
            .dataSource(System.getenv("JDBC_URL"), System.getenv("PGUSER"), System.getenv("PGPASSWORD"))
            .locations("filesystem:" + arguments[0])
            .load().migrate();
    }
}
"""
_ALEMBIC_ENV = """
import os
from alembic import context
from sqlalchemy import create_engine
with create_engine(os.environ["DATABASE_URL"]).connect() as connection:
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()
"""


class Peer(ABC):
    """A tool with the files laid out as it wants them.

    Raises (on making one):
        CannotRun: the tool cannot be had here.
    """

    name: ClassVar[str]
    note: ClassVar[str] = ""

    def __init__(self, files: Sequence[SqlFile], folder: Path) -> None:
        self.folder = folder
        self.tool = self.find()
        folder.mkdir(parents=True, exist_ok=True)
        self.write(files)

    @abstractmethod
    def find(self) -> tools.Tool:
        """Fetch the tool."""

    @abstractmethod
    def write(self, files: Sequence[SqlFile]) -> None:
        """Lay the files out in ``self.folder``."""

    @abstractmethod
    def command(self, url: str) -> list[str]:
        """What to run."""

    def environment(self, url: str) -> dict[str, str]:
        """What it finds in its environment beside libpq's variables."""
        del url
        return {}

    def measure(self, url: str) -> float:
        """Apply everything; seconds from the program's start to its end."""
        env = {**libpq_environment(url), **dict(self.tool.env), **self.environment(url)}
        return timed(self.command(url), cwd=self.folder, env=env)


class Psql(Peer):
    """The floor: PostgreSQL's own client, everything in one file and one transaction, no record of it."""

    name = "psql -1"
    note = "no ledger, no checks"

    def find(self) -> tools.Tool:
        path = tools.installed("psql")
        return tools.Tool("psql", run([path, "--version"]).split()[2], (path,), Path(path).parent)

    def write(self, files: Sequence[SqlFile]) -> None:
        (self.folder / "all.sql").write_text("".join(file.sql for file in files))

    def command(self, url: str) -> list[str]:
        del url
        return [*self.tool.command, "-X", "-q", "-v", "ON_ERROR_STOP=1", "-1", "-f", "all.sql"]


class Dbmate(Peer):
    """Go, from npm; a transaction for each file."""

    name = "dbmate"

    def find(self) -> tools.Tool:
        return tools.npm_binary("dbmate", "2.36.0")

    def write(self, files: Sequence[SqlFile]) -> None:
        for file in files:
            (self.folder / f"{file.version}_{file.name}.sql").write_text(
                f"-- migrate:up\n{file.sql}\n-- migrate:down\n"
            )

    def command(self, url: str) -> list[str]:
        del url
        return [*self.tool.command, "--migrations-dir", str(self.folder), "--no-dump-schema", "migrate"]

    def environment(self, url: str) -> dict[str, str]:
        return {"DATABASE_URL": f"{url}?sslmode=disable"}


class Goose(Peer):
    """Go; a transaction for each file."""

    name = "goose"

    def find(self) -> tools.Tool:
        unused = "no_clickhouse no_libsql no_mssql no_mysql no_sqlite3 no_vertica no_ydb no_duckdb no_spanner"
        return tools.go_program("goose", "github.com/pressly/goose/v3/cmd/goose", "3.29.0", tags=unused)

    def write(self, files: Sequence[SqlFile]) -> None:
        for file in files:
            text = f"-- +goose Up\n-- +goose StatementBegin\n{file.sql}-- +goose StatementEnd\n"
            (self.folder / f"{file.version}_{file.name}.sql").write_text(text)

    def command(self, url: str) -> list[str]:
        del url
        return [*self.tool.command, "-dir", str(self.folder), "up"]

    def environment(self, url: str) -> dict[str, str]:
        return {"GOOSE_DRIVER": "postgres", "GOOSE_DBSTRING": f"{url}?sslmode=disable"}


class Alembic(Peer):
    """Python; one transaction for everything (its default), one module for each migration."""

    name = "alembic"

    def find(self) -> tools.Tool:
        return tools.python_program("alembic", "1.20.1", "psycopg[binary]==3.3.9")

    def write(self, files: Sequence[SqlFile]) -> None:
        versions = self.folder / "scripts" / "versions"
        versions.mkdir(parents=True)
        (self.folder / "alembic.ini").write_text("[alembic]\nscript_location = scripts\n")
        (self.folder / "scripts" / "env.py").write_text(_ALEMBIC_ENV)
        before: str | None = None
        for file in files:
            (versions / f"{file.version}_{file.name}.py").write_text(
                f"from alembic import op\nrevision = {file.version!r}\ndown_revision = {before!r}\n"
                f"def upgrade():\n    op.execute({file.sql!r})\n"
            )
            before = file.version

    def command(self, url: str) -> list[str]:
        del url
        return [*self.tool.command, "upgrade", "head"]

    def environment(self, url: str) -> dict[str, str]:
        return {"DATABASE_URL": url.replace("postgresql://", "postgresql+psycopg://")}


class Flyway(Peer):
    """Java; its library behind a main program of ten lines, which starts faster than its command line."""

    name = "Flyway"
    note = "flyway-core, without the start-up of its command line"

    def find(self) -> tools.Tool:
        tool = tools.java_libraries(
            "flyway", "11.20.3", "org.flywaydb:flyway-database-postgresql:11.20.3", "org.postgresql:postgresql:42.7.8"
        )
        javac = tools.installed("javac")
        source = self.folder / "java" / "Migrate.java"
        source.parent.mkdir(parents=True)
        source.write_text(_FLYWAY_MAIN)
        run([javac, "-cp", f"{tool.folder / 'lib'}/*", "-d", str(source.parent), str(source)])
        return tool

    def write(self, files: Sequence[SqlFile]) -> None:
        (self.folder / "sql").mkdir()
        for file in files:
            (self.folder / "sql" / f"V{file.version}__{file.name}.sql").write_text(file.sql)

    def command(self, url: str) -> list[str]:
        del url
        java, flag, path = self.tool.command
        return [java, flag, f"{path}:{self.folder / 'java'}", "Migrate", str(self.folder / "sql")]

    def environment(self, url: str) -> dict[str, str]:
        parts = urlsplit(url)
        return {"JDBC_URL": f"jdbc:postgresql://{parts.hostname}:{parts.port}{parts.path}"}


class Sqitch(Peer):
    """Perl; a psql process for each change."""

    name = "sqitch"
    note = "one run: it takes long"

    def find(self) -> tools.Tool:
        return tools.debian_perl_program("sqitch", "libdbd-pg-perl")

    def write(self, files: Sequence[SqlFile]) -> None:
        (self.folder / "deploy").mkdir()
        lines = ["%syntax-version=1.0.0", "%project=bench", ""]
        for file in files:
            lines.append(f"{file.name} 2025-01-01T00:00:00Z Bench <bench@example.org> # {file.version}")
            (self.folder / "deploy" / f"{file.name}.sql").write_text(f"BEGIN;\n{file.sql}COMMIT;\n")
        (self.folder / "sqitch.plan").write_text("\n".join(lines) + "\n")
        (self.folder / "sqitch.conf").write_text(
            "[core]\n\tengine = pg\n[user]\n\tname = Bench\n\temail = bench@example.org\n[deploy]\n\tverify = false\n"
        )

    def command(self, url: str) -> list[str]:
        parts = urlsplit(url)
        return [*self.tool.command, "deploy", f"db:pg://{parts.username}@{parts.hostname}:{parts.port}{parts.path}"]


PEERS: tuple[type[Peer], ...] = (Psql, Dbmate, Goose, Alembic, Flyway, Sqitch)
