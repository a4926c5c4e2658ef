"""A zip for an archive: code, data, plan and report of one commit, described as an RO-Crate."""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from eventstudy.errors import EventStudyError, ReportError
from eventstudy.provenance import file_sha256
from eventstudy.references import Author, read_cff, read_references
from eventstudy.replacing import replaced
from eventstudy.report.checksums import CHECKSUMS
from eventstudy.report.project import Project, open_project
from eventstudy.report.settings import Settings

VERSION = "1.1"  # of RO-Crate: the one that archives support
METADATA = "ro-crate-metadata.json"
FOLDERS = {
    "benchmarks": "Programs that compare speed and memory, and what they measured",
    "data": "Data as received, with a README on origin, terms and doubts",
    "docs": "Sources of the documentation",
    "notebooks": "Notebooks of the report, and the plan that was fixed before the analysis",
    "reports": "The report, and each of its numbers, tables and figures as a file",
    "src": "Code of the package",
    "tests": "Tests of the package",
}
ABOUT = {"CITATION.cff": "How to cite this", "LICENSE": "The licence of everything in here"}
FORMATS = {
    ".bib": "application/x-bibtex", ".cff": "application/yaml", ".csv": "text/csv", ".html": "text/html",
    ".ipynb": "application/x-ipynb+json", ".json": "application/json", ".lua": "text/x-lua", ".md": "text/markdown",
    ".pdf": "application/pdf", ".png": "image/png", ".py": "text/x-python", ".svg": "image/svg+xml",
    ".tex": "application/x-tex", ".toml": "application/toml",
}  # fmt: skip


def deposit(root: Path) -> Path:
    """Write the zip of a folder's last commit into its ``dist/`` and return its path.

    The same commit gives the same bytes: files in order, dated by the release, not compressed.

    Raises ReportError if the folder is not a git repository, has uncommitted changes, has no published report
    or one that does not match its checksums, or if rocrate is not installed.
    """
    project = open_project(root)
    files = _committed(project.root)
    _check_report(files)
    files[METADATA] = _metadata(project, files, _git(project.root, "rev-parse", "HEAD").decode().strip())
    files[CHECKSUMS] = "".join(
        f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in sorted(files.items())
    ).encode()
    target = project.root / "dist" / f"{project.settings.output}-{project.settings.version}.zip"
    target.parent.mkdir(exist_ok=True)
    with replaced(target) as new:
        new.write_bytes(_zipped(files, project))
    return target


def _git(root: Path, *arguments: str) -> bytes:
    try:
        return subprocess.run(["git", *arguments], cwd=root, capture_output=True, check=True).stdout
    except FileNotFoundError:
        raise ReportError(
            "deposit: git is not installed; install it, since a deposit is of one commit"
        ) from None
    except subprocess.CalledProcessError as error:
        said = " ".join(error.stderr.decode("utf-8", "replace").split())
        raise ReportError(
            f"deposit: git says '{said}'; make the folder a git repository and commit it"
        ) from None


def _committed(root: Path) -> dict[str, bytes]:
    """Return the files of the last commit by name."""
    if (
        changed := _git(root, "status", "--porcelain", "--untracked-files=no", "--", ".")
        .decode()
        .splitlines()
    ):
        raise ReportError(
            f"deposit: {changed[0][3:]} is not as committed; commit it, since a deposit is of one commit"
        )
    with tarfile.open(fileobj=io.BytesIO(_git(root, "archive", "--format=tar", "HEAD"))) as archive:
        members = [member for member in archive.getmembers() if member.isfile()]
        return {member.name: archive.extractfile(member).read() for member in members}  # type: ignore[union-attr]


def _check_report(files: Mapping[str, bytes]) -> None:
    """Refuse a report that is missing or does not match its checksums."""
    if f"reports/{CHECKSUMS}" not in files:
        raise ReportError(f"reports/{CHECKSUMS}: not committed; build the report and commit it first")
    for line in files[f"reports/{CHECKSUMS}"].decode().splitlines():
        digest, name = line.split("  ", 1)
        if hashlib.sha256(files.get(f"reports/{name}", b"")).hexdigest() != digest:
            raise ReportError(
                f"reports/{name}: not as its checksum says; build the report and commit it first"
            )


def _metadata(project: Project, files: Mapping[str, bytes], commit: str) -> bytes:
    """Return the description of all files as JSON-LD."""
    try:
        from rocrate.model import ContextEntity
        from rocrate.rocrate import ROCrate
    except ImportError:
        raise ReportError(
            "deposit: rocrate is not installed; run make deposit, or pip install rocrate"
        ) from None

    settings, citation = project.settings, project.root / "CITATION.cff"
    cff = read_cff(citation)
    package, *others = read_references(citation)
    cited = others[0] if others else package
    crate = ROCrate(version=VERSION)
    crate.metadata.extra_terms["sha256"] = "https://schema.org/sha256"

    def entity(identifier: str, **properties: Any) -> Any:
        return crate.add(ContextEntity(crate, identifier, properties=properties))

    licence = entity(
        f"https://spdx.org/licenses/{cff['license']}", **{"@type": "CreativeWork"}, name=settings.licence
    )
    people = [entity(f"#author-{n}", **_person(author)) for n, author in enumerate(cited.authors, 1)]
    parts = {
        name: crate.add_file(dest_path=name, properties=_described(name, content))
        for name, content in sorted(files.items())
    }
    crate.add_file(
        dest_path=CHECKSUMS, properties={"name": CHECKSUMS, "description": "SHA-256 of every other file"}
    )
    for folder in sorted({name.split("/")[0] for name in files if "/" in name}):
        crate.add_dataset(
            dest_path=f"{folder}/", properties={"name": folder, "description": FOLDERS.get(folder, folder)}
        )
    software = entity(
        "#package",
        **{"@type": "SoftwareApplication"},
        name=package.title,
        softwareVersion=package.version,
        license=licence,
    )
    report = parts[f"reports/{settings.output}.pdf"]
    entity(
        "#build",
        **{"@type": "CreateAction"},
        name=f"Built by `{project.command}`",
        instrument=software,
        object=[part for name, part in parts.items() if name.startswith(("data/raw/", "notebooks/"))],
        result=[part for name, part in parts.items() if name.startswith("reports/")],
    )
    about = _about(settings, str(cff.get("abstract", settings.subtitle)), commit)
    about |= {"license": licence, "author": people, "creditText": cited.text(), "mainEntity": report}
    for name, value in about.items():
        crate.root_dataset[name] = value
    content = crate.metadata.generate()
    content["@graph"].sort(key=lambda described: (described["@id"] not in (METADATA, "./"), described["@id"]))
    return (json.dumps(content, indent=1, ensure_ascii=False, sort_keys=True) + "\n").encode()


def _about(settings: Settings, abstract: str, commit: str) -> dict[str, object]:
    """Return the description of the whole deposit."""
    abstract = " ".join(abstract.split()).rstrip(".")
    return {
        "name": settings.title,
        "description": f"{abstract}. Code, data, plan and report.",
        "datePublished": f"{settings.date:%Y-%m-%d}",
        "version": settings.version,
        "identifier": f"git commit {commit}",
        "keywords": ", ".join(settings.keywords),
    }


def _person(author: Author) -> dict[str, str]:
    if not author.given:
        return {"@type": "Organization", "name": author.name}
    return {"@type": "Person", "name": str(author), "givenName": author.given, "familyName": author.name}


def _described(name: str, content: bytes) -> dict[str, object]:
    code = name.endswith((".py", ".lua", ".ipynb", "Makefile"))
    return {
        "@type": ["File", "SoftwareSourceCode"] if code else "File",
        "name": ABOUT.get(name, name),
        "encodingFormat": FORMATS.get(Path(name).suffix, "text/plain"),
        "contentSize": str(len(content)),
        "sha256": hashlib.sha256(content).hexdigest(),
    }


def _zipped(files: Mapping[str, bytes], project: Project) -> bytes:
    """Return a zip with the same bytes everywhere: no time, no user, and no compression, which depends on zlib."""
    date = project.settings.date
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, (date.year, date.month, date.day, 0, 0, 0))
            entry.create_system = 3  # Unix, so that the permissions are read
            entry.external_attr = 0o100644 << 16
            archive.writestr(entry, files[name])
    return whole.getvalue()


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and return its exit code: 2 with one clear line where no deposit can be made."""
    parser = argparse.ArgumentParser(
        prog="python -m eventstudy.report.deposit",
        description="Write a zip with code, data, plan and report of the last commit, described as an RO-Crate.",
    )
    parser.add_argument("folder", nargs="?", default=".", type=Path, help="the git repository of the report")
    chosen = parser.parse_args(arguments)
    try:
        target = deposit(chosen.folder)
    except EventStudyError as error:
        print(error, file=sys.stderr)
        return 2
    digest = file_sha256(target)
    print(f"wrote dist/{target.name} ({target.stat().st_size / 1e6:.1f} MB), SHA-256 {digest}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
