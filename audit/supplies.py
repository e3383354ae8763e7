"""What comes from others: licences, an SBOM, and that nothing is installed but by its hash."""

import re
from pathlib import Path

import orjson

from audit.findings import refuse
from audit.stage import FOLDER
from audit.tools import installed, run, tool

LOCK = Path("requirements.lock")
LOCKS = (
    LOCK,
    Path("requirements-dev.lock"),
    Path("audit/requirements.lock"),
    Path("clients/python/requirements.lock"),
)
LICENCES, SBOM = FOLDER / "licences.md", Path("sbom.json")

ALLOWED = (
    "0BSD",
    "Apache",
    "BSD",
    "ISC",
    "MIT",
    "MPL-2.0",
    "Mozilla Public License 2.0",
    "Python Software Foundation",
    "PSF-2.0",
    "Unlicense",
    "Zlib",
)
"""Licences under which a closed product may ship: those that ask to be named and no more, and MPL, file by file."""

JUDGED = {
    "taskiq-dependencies": "MIT, as the licence that comes with it says; its metadata does not",
    "text-unidecode": "the Artistic License or the GPL, whichever the user chooses; python-slugify needs it",
}
"""Packages whose metadata does not tell, and what does."""

_PACKAGE = re.compile(r"^([A-Za-z0-9._-]+)==\S+", re.MULTILINE)


def hashes() -> str:
    """Each package of each lock has hashes, and no lock names a registry."""
    for lock in LOCKS:
        text = lock.read_text()
        refuse(re.findall(r"https?://\S+|--index-url.*", text), f"{lock} names a registry")
        refuse(_without_hash(text), f"{lock} has packages without a hash")
    return (
        f"every package of {len(LOCKS)} locks has its hashes, {len(_PACKAGE.findall(LOCK.read_text()))} of the product"
    )


def _without_hash(text: str) -> list[str]:
    """Requirements and what they are followed by, up to the next."""
    entries = re.split(r"^(?=[A-Za-z0-9])", text, flags=re.MULTILINE)
    return [entry.split("\n")[0] for entry in entries if _PACKAGE.match(entry) and "--hash=sha256:" not in entry]


def licences() -> str:
    """Each package that the lock installs is under a licence of the list; the table says which."""
    python = installed(LOCK, FOLDER / "product") / "python"
    asking: list[str | Path] = [tool("pip-licenses"), f"--python={python}", "--from=mixed"]
    LICENCES.write_text(run([*asking, "--format=markdown", "--order=license"]))
    packages = orjson.loads(run([*asking, "--format=json"]))
    refused = {each["Name"]: each["License"] for each in packages if not _is_allowed(each["License"])}
    refuse([f"{name}: {licence}" for name, licence in refused.items() if name not in JUDGED], "not allowed")
    refuse([name for name in JUDGED if name not in refused], "judged in vain")
    return f"{len(packages)} packages, all under licences of the list: {LICENCES}"


def _is_allowed(licence: str) -> bool:
    """All of several; or one of those to choose from."""
    return all(
        any(any(name in choice for name in ALLOWED) for choice in re.split(r"\bOR\b", part))
        for part in re.split(r";|\bAND\b", licence)
    )


def sbom() -> str:
    """CycloneDX, from the lock: each package with its version and its hashes."""
    options = ["--output-format", "JSON", "--output-reproducible", "--pyproject", "pyproject.toml"]
    run([tool("cyclonedx-py"), "requirements", *options, "--output-file", SBOM, LOCK])
    components = orjson.loads(SBOM.read_bytes())["components"]
    refuse([each["name"] for each in components if "SHA-256" not in str(each)], "components without a hash")
    missing = {_canonical(name) for name in _PACKAGE.findall(LOCK.read_text())} ^ {
        _canonical(each["name"]) for each in components
    }
    refuse(sorted(missing), "in one of the lock and the SBOM only")
    return f"{len(components)} components with their hashes: {SBOM}"


def _canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
