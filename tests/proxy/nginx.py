"""A real nginx as deploy/nginx/postberry.conf sets it up, on ports and with certificates of the test's own."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.support.processes import Server, accepts, free_port, spawn
from tests.support.programs import Program, locate
from tests.support.tls import HOST, Authority

CONFIGURATION = Path(__file__).parents[2] / "deploy" / "nginx" / "postberry.conf"
REMEDY = "install nginx (Debian, Ubuntu: apt-get install --no-install-recommends nginx-light)"
NGINX = Program("nginx", (), REMEDY, "-v")
NAME = "api.example.com"
_AROUND = """daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{}}
http {{
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
{configuration}
}}
"""


@dataclass(frozen=True)
class Nginx:
    """One that runs: its ports, what it writes, and who vouches for it."""

    http: int
    https: int
    log: Path
    context: ssl.SSLContext

    def client(self, address: str) -> httpx.AsyncClient:
        """Somebody outside, at this address of the machine."""
        transport = httpx.AsyncHTTPTransport(verify=self.context, local_address=address)
        url = f"https://{HOST}:{self.https}"
        return httpx.AsyncClient(base_url=url, headers={"Host": NAME}, transport=transport, timeout=30)


@contextmanager
def nginx(folder: Path, api: int) -> Iterator[Nginx]:
    """Nginx before an API on this port."""
    authority, http, https = Authority(folder / "tls"), free_port(), free_port()
    certificate, log = authority.certificate(), folder / "access.log"
    ours = {
        "server 127.0.0.1:8000": f"server 127.0.0.1:{api}",
        "listen 80;": f"listen {HOST}:{http};",
        "listen 443 ssl": f"listen {HOST}:{https} ssl",
        "/etc/ssl/postberry/fullchain.pem": str(certificate),
        "/etc/ssl/postberry/key.pem": str(certificate),
        "/var/log/nginx/postberry.log": str(log),
    }
    file = folder / "nginx.conf"
    file.write_text(_AROUND.format(folder=folder, configuration=_put(CONFIGURATION.read_text(), ours)))
    process = spawn([locate(NGINX), "-e", folder / "error.log", "-c", file], folder / "nginx.log")
    with Server(f"https://{HOST}:{https}", process).await_start(lambda: accepts(https), folder / "nginx.log"):
        yield Nginx(http, https, log, ssl.create_default_context(cafile=str(authority.file)))


def _put(configuration: str, ours: dict[str, str]) -> str:
    for theirs, mine in ours.items():
        assert configuration.count(theirs) == 1, theirs
        configuration = configuration.replace(theirs, mine)
    return configuration
