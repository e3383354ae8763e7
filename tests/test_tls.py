"""TLS to MongoDB, Redis and the mail server: each by its URL, from the programs to a server that speaks it."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import orjson
import pytest
from redis.exceptions import RedisError
from structlog.testing import capture_logs

from schema.throttle import Throttle
from settings.config import Settings
from settings.redis_client import open_redis
from tests.support import replica_set
from tests.support.application import running_api, serving
from tests.support.processes import Server, free_port
from tests.support.redis_sets import cluster, cluster_ports
from tests.support.servers import spawn_mongod, start_redis
from tests.support.smtp import SmtpSink, smtp_sink
from tests.support.tls import Authority, Front, tls_front
from tests.support.worker import ROOT, environment, logged, running_worker

pytestmark = pytest.mark.anyio

PASSWORD = "S3cretPw"


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path / "authority")


@pytest.fixture
def stranger(tmp_path: Path) -> Authority:
    """Another, whom nobody knows."""
    return Authority(tmp_path / "stranger")


@contextmanager
def tls_mongodb(folder: Path, authority: Authority, name: str = "127.0.0.1", *options: str) -> Iterator[Server]:
    """A MongoDB that speaks nothing but TLS, under this name."""
    port, pem = free_port(), authority.certificate(name)
    tls = ["--tlsMode", "requireTLS", "--tlsCertificateKeyFile", str(pem), "--tlsCAFile", str(authority.file)]
    server = spawn_mongod(folder / "mongodb", port, options=[*tls, "--tlsAllowInvalidHostnames", *options])
    ours = {"tls": True, "tlsCAFile": str(authority.file), "tlsCertificateKeyFile": str(pem)}
    with (
        replica_set.connect(port, **ours, tlsAllowInvalidHostnames=True) as client,
        server.await_start(lambda: replica_set.become_primary(client, port), folder / "mongodb.log"),
    ):
        yield server


def _refused(settings: Settings, **changes: object) -> tuple[int, str]:
    """The exit status of a program that cannot start, and all it wrote."""
    done = subprocess.run(
        [sys.executable, "-m", "graphql_api"],
        env=environment(settings.model_copy(update=changes)),
        cwd=ROOT,
        capture_output=True,
        check=False,
        timeout=90,
    )
    return done.returncode, done.stderr.decode()


def _critical(said: str) -> dict[str, str]:
    (line,) = [line for line in map(orjson.loads, said.splitlines()) if line["level"] == "critical"]
    return dict(line)


async def test_mongodb_asks_for_our_certificate_and_we_for_its(
    settings: Settings, tmp_path: Path, authority: Authority
) -> None:
    with tls_mongodb(tmp_path, authority) as server:
        url = f"{server.url}&tls=true&tlsCAFile={authority.file}"
        ours = f"&tlsCertificateKeyFile={authority.certificate('postberry.example.com')}"
        async with serving(settings.model_copy(update={"db_url": url + ours})) as client:
            assert (await client.sign_up())["userErrors"] == []
        status, said = _refused(settings, db_url=f"{url}&serverSelectionTimeoutMS=1000", start_timeout=0)
    assert status == 75
    assert "MongoDB does not answer: see DB_URL" in _critical(said)["event"]


@pytest.mark.parametrize("fault", ["an authority we do not know", "another name", "no TLS on our side"])
def test_a_mongodb_whose_certificate_does_not_hold_is_refused(
    settings: Settings, tmp_path: Path, authority: Authority, stranger: Authority, fault: str
) -> None:
    name = "db.example.com" if fault == "another name" else "127.0.0.1"
    trusted = stranger if fault == "an authority we do not know" else authority
    with tls_mongodb(tmp_path, authority, name, "--tlsAllowConnectionsWithoutCertificates") as server:
        url = server.url.replace("://", f"://ada:{PASSWORD}@") + "&authSource=admin&serverSelectionTimeoutMS=1000"
        tls = "" if fault == "no TLS on our side" else f"&tls=true&tlsCAFile={trusted.file}"
        status, said = _refused(settings, db_url=url + tls, start_timeout=0)
    line = _critical(said)
    if tls:
        assert (status, line["event"]) == (78, "cannot start")
        assert line["error"].startswith("MongoDB's certificate does not hold")
        assert (
            "IP address mismatch" if trusted is authority else "self-signed certificate in certificate chain"
        ) in line["error"]
    else:
        assert (status, line["event"]) == (75, "cannot start, MongoDB does not answer: see DB_URL")
    assert PASSWORD not in said


@contextmanager
def tls_redis(folder: Path, authority: Authority, name: str = "127.0.0.1") -> Iterator[tuple[Server, Front]]:
    """A Redis with a password behind a front that speaks nothing but TLS, under this name."""
    with start_redis(folder / "redis", password=PASSWORD) as server:
        port = urlsplit(server.url).port or 0
        with tls_front(port, authority.server_context(name)) as front:
            yield server, front


def _url(front: Front, authority: Authority, **parameters: Path) -> str:
    query = "&".join(f"{name}={value}" for name, value in {"ssl_ca_certs": authority.file, **parameters}.items())
    return f"rediss://:{PASSWORD}@127.0.0.1:{front.port}/0?{query}"


async def test_redis_is_spoken_to_over_tls(
    settings: Settings, tmp_path: Path, authority: Authority, smtp_sink: SmtpSink
) -> None:
    with tls_redis(tmp_path, authority) as (server, front):
        settings = settings.model_copy(update={"redis_url": _url(front, authority)})
        with running_worker(settings):
            async with serving(settings) as client:
                assert (await client.http.get("/ready")).json()["redis"] == "up"
                assert (await client.sign_up())["userErrors"] == []
                await smtp_sink.arrived(1)
        assert front.handshakes > 1
        redis = open_redis(server.url)
        stats = await redis.info("commandstats")
        await redis.aclose()
        assert stats["cmdstat_lpush"]["calls"] == 1
        assert PASSWORD not in (settings.log_dir / "app.log").read_text()


@pytest.mark.parametrize("fault", ["an authority we do not know", "another name"])
async def test_a_redis_whose_certificate_does_not_hold_is_told_nothing(
    settings: Settings, tmp_path: Path, authority: Authority, stranger: Authority, fault: str
) -> None:
    name, trusted = ("redis.example.com", authority) if fault == "another name" else ("127.0.0.1", stranger)
    with tls_redis(tmp_path, authority, name) as (_, front):
        url = _url(front, trusted)
        throttle = Throttle(url, patience=10)
        with capture_logs() as logs:
            assert await throttle.attempt("account:ada") == 0
        await throttle.close()
        with running_api(settings.model_copy(update={"redis_url": url})):
            started = [line for line in logged(settings) if str(line["event"]).startswith("redis")]
        assert front.handshakes == 0
    assert [line["event"] for line in started] == ["redis is not trusted, going on without: see REDIS_URL"]
    assert [line["event"] for line in logs] == ["throttle counts in memory, redis is away"]
    assert "CERTIFICATE_VERIFY_FAILED" in logs[0]["error"]
    assert PASSWORD not in (settings.log_dir / "app.log").read_text() + str(logs)


async def test_a_redis_may_ask_for_our_certificate(tmp_path: Path, authority: Authority) -> None:
    with (
        start_redis(tmp_path / "redis", password=PASSWORD) as server,
        tls_front(urlsplit(server.url).port or 0, authority.server_context(asks_clients=True)) as front,
    ):
        pem = authority.certificate("postberry.example.com")
        redis = open_redis(_url(front, authority, ssl_certfile=pem, ssl_keyfile=pem))
        assert await redis.ping()
        await redis.aclose()
        without = open_redis(_url(front, authority))
        with pytest.raises(RedisError):
            await without.ping()
        await without.aclose()


async def test_all_servers_of_a_cluster_are_spoken_to_over_tls(tmp_path: Path, authority: Authority) -> None:
    context, ports = authority.server_context(), cluster_ports()
    with ExitStack() as stack:
        fronts = [stack.enter_context(tls_front(port, context)) for port in ports]
        stack.enter_context(cluster(tmp_path / "redis", ports, [front.port for front in fronts]))
        redis = open_redis(f"rediss+cluster://127.0.0.1:{fronts[0].port}?ssl_ca_certs={authority.file}")
        for number in range(20):
            await redis.set(str(number), number)
        await redis.aclose()
        assert all(front.handshakes for front in fronts)


@pytest.mark.parametrize("scheme", ["smtps", "smtp+starttls"])
async def test_letters_go_over_tls_to_a_server_whose_authority_the_url_names(
    settings: Settings, authority: Authority, scheme: str
) -> None:
    context = authority.server_context()
    options = {"tls": context} if scheme == "smtps" else {"tls_context": context, "require_starttls": True}
    with smtp_sink(**options) as sink:
        url = f"{scheme}://{urlsplit(sink.url).netloc}?ssl_ca_certs={authority.file}"
        settings = settings.model_copy(update={"smtp_url": url})
        with running_worker(settings):
            async with serving(settings) as client:
                await client.sign_up()
                await sink.arrived(1)
