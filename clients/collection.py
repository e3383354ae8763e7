"""The examples as a Postman collection: `python -m clients.collection [--check]` writes `examples/postman.json`.

Sign-ins put their tokens into the collection's variables, and so does every step with what later ones want. Postman
subscribes by hand only, so subscriptions are left out.
"""

import json
import sys
from pathlib import Path
from typing import Any

from clients import walk
from clients.walk import EXAMPLES, Folder, Step, Walk

COLLECTION = EXAMPLES / "postman.json"
_SCHEMA = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"
_URL = "http://127.0.0.1:8000/graphql"

_ABOUT = """\
What Postberry can do, a folder for each who does it. Send one after the other, or run the whole collection: sign-ins
keep their tokens. `administratorEmail` and `administratorPassword` are those of the demo data. Requests with a file
want it chosen by you, or Postman's working directory to be `examples/`."""

# Names and addresses that nobody had before, so that it can be sent again.
_BEGIN = "pm.collectionVariables.set('run', Date.now().toString(36));"

_SUCCEEDS = """\
const { data: answered, errors } = pm.response.json();
pm.test('no errors', () => pm.expect(JSON.stringify(errors ?? [])).to.equal('[]'));
for (const [field, answer] of Object.entries(answered ?? {}))
  pm.test(field, () => {
    pm.expect(answer).to.not.equal(null);
    const refused = (answer.userErrors ?? []).filter(({ code }) => code !== '{or_code}');
    pm.expect(JSON.stringify(refused)).to.equal('[]');
  });"""


def collection() -> dict[str, Any]:
    """What Postman imports."""
    planned = walk.read()
    folders = [_folder(each) for each in planned.folders]
    folders[0]["item"][0]["event"].insert(0, _event("prerequest", _BEGIN))
    about = {
        "name": "Postberry",
        "description": _ABOUT,
        "schema": _SCHEMA,
    }
    return {"info": about, "item": folders, "variable": _variables(planned)}


def _variables(planned: Walk) -> list[dict[str, str]]:
    kept = {name: "" for step in planned.steps for name in step.keep}
    values = {"url": _URL, "run": ""} | dict(planned.variables) | kept
    return [{"key": key, "value": value} for key, value in values.items()]


def _folder(folder: Folder) -> dict[str, Any]:
    return {"name": folder.name, "item": [_item(step) for step in folder.steps if not step.is_subscription]}


def _item(step: Step) -> dict[str, Any]:
    request = {"method": "POST", "url": "{{url}}", "header": [], "auth": _auth(step.who), "body": _body(step)}
    return {"name": step.operation, "event": [_event("test", _test(step))], "request": request}


def _auth(who: str) -> dict[str, Any]:
    if who == "nobody":
        return {"type": "noauth"}
    return {"type": "bearer", "bearer": [{"key": "token", "value": f"{{{{{who}Token}}}}", "type": "string"}]}


def _body(step: Step) -> dict[str, Any]:
    if step.file:
        return {"mode": "formdata", "formdata": _form(step, step.file)}
    variables = json.dumps(step.variables, indent=2) if step.variables else ""
    return {"mode": "graphql", "graphql": {"query": step.document, "variables": variables}}


def _form(step: Step, file: Path) -> list[dict[str, str]]:
    operations = json.dumps({"query": step.document, "variables": step.variables})
    return [
        {"key": "operations", "value": operations, "type": "text"},
        {"key": "map", "value": '{"0": ["variables.input.file"]}', "type": "text"},
        {"key": "0", "src": file.name, "type": "file"},
    ]


def _test(step: Step) -> str:
    return "\n".join(
        [_SUCCEEDS.replace("{or_code}", step.or_code), *(_kept(name, path) for name, path in step.keep.items())]
    )


def _kept(name: str, path: str) -> str:
    where = "".join(f"[{key}]" if key.isdigit() else f".{key}" for key in path.split("."))
    return f"pm.collectionVariables.set('{name}', answered{where});"


def _event(when: str, script: str) -> dict[str, Any]:
    return {"listen": when, "script": {"type": "text/javascript", "exec": script.splitlines()}}


def text() -> str:
    """The file's content."""
    return json.dumps(collection(), indent=2) + "\n"


def main(arguments: list[str]) -> int:
    """Write the file; with --check, say whether it is current."""
    if arguments != ["--check"]:
        COLLECTION.write_text(text())
    elif not COLLECTION.exists() or COLLECTION.read_text() != text():
        sys.stderr.write(f"{COLLECTION} is not current: run `make collection` and commit it.\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
