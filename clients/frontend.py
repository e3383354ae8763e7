"""What docs/build-a-frontend.md says to write is what compiles."""

import json
import re
import shutil
from pathlib import Path

from clients.tools import HERE, npm_tool

PAGE = Path("docs/build-a-frontend.md")
FOLDER = HERE / "docs" / "generated"
_BLOCK = re.compile(r"^```(?P<language>ts|yaml)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
_KNOWN = 'declare const token: string;\nconst job = { id: "" };\n'
"""What the page does not say where it comes from."""

_COMPILER = {
    "target": "ES2022",
    "module": "ESNext",
    "moduleResolution": "Bundler",
    "lib": ["ES2022", "DOM", "DOM.Iterable"],
    "strict": True,
    "skipLibCheck": True,
    "noEmit": True,
}
"""As Vite's templates have it."""


def frontend() -> str:
    """Put its blocks into files, beside the schema; graphql-codegen, and `tsc`."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    files = _files(PAGE.read_text())
    for name, text in files.items():
        path = FOLDER / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    shutil.copy("schema.graphql", FOLDER)
    npm_tool("graphql-codegen", "--silent", folder=FOLDER)
    npm_tool("tsc", "--project", FOLDER)
    return f"{PAGE} compiles"


def _files(page: str) -> dict[str, str]:
    vite, *program = [block["text"] for block in _BLOCK.finditer(page) if block["language"] == "ts"]
    (codegen,) = [block["text"] for block in _BLOCK.finditer(page) if block["language"] == "yaml"]
    return {
        "codegen.yml": codegen,
        "vite.config.ts": vite,
        "src/main.ts": "".join([_KNOWN, *program]),
        "tsconfig.json": json.dumps({"compilerOptions": _COMPILER, "include": ["src", "vite.config.ts"]}),
    }
