"""Node's side: BullMQ, nodemailer and Handlebars, as their own documents say to use them."""

import json
import os
import subprocess
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.letters.cases import Case, write_handlebars
from benchmarks.letters.measure import Figures, Sink, measure
from graphql_api.pages.node import find_node
from tests.support.processes import Server, spawn

FOLDER = Path(__file__).parent / "node"


@dataclass(frozen=True)
class Peer:
    """What the programs in `node/` are told, as JSON in their first argument."""

    mongodb: str
    redis: str
    smtp: int
    templates: str
    letter: str
    count: int
    concurrency: int
    connections: int


def install() -> None:
    """Its packages, as the lock says; `npm ci` would refuse one without the optional packages of other machines."""
    subprocess.run([*find_node().npm, "install", "--no-save"], cwd=FOLDER, check=True)


def run(peer: Peer, folder: Path, sink: Sink, case: Case, warm: int) -> Figures:
    """Insert and enqueue them all, then let one worker process send them."""
    write_handlebars(case, Path(peer.templates))
    command, told = find_node().node, json.dumps(asdict(peer))
    environment = os.environ | {"NODE_ENV": "production"}
    subprocess.run([*command, FOLDER / "owe.mjs", told], check=True, env=environment)
    worker = spawn([*command, FOLDER / "worker.mjs", told], folder / "node.log", environment)
    with Server("the worker of Node", worker) as server:
        return measure(sink, lambda: server.pid, warm, peer.count)
