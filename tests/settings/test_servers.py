from pathlib import Path

import pytest
import trustme

from settings.servers import RedisServers, Topology, check, parse_redis

NOBODY = {"username": None, "password": None}
PLACES = {
    "redis://127.0.0.1": RedisServers(Topology.SINGLE, (("127.0.0.1", 6379),), tls=False, options={"db": 0}),
    "redis://ada:p%2Fss@redis:1/3": RedisServers(
        Topology.SINGLE, (("redis", 1),), tls=False, options={"username": "ada", "password": "p/ss", "db": 3}
    ),
    "redis://redis?db=3&protocol=2": RedisServers(
        Topology.SINGLE, (("redis", 6379),), tls=False, options={"db": 3, "protocol": 2}
    ),
    "rediss://[::1]:7?ssl_cert_reqs=none": RedisServers(
        Topology.SINGLE, (("::1", 7),), tls=True, options={"db": 0, "ssl_cert_reqs": "none"}
    ),
    "redis+sentinel://a:1,b/my%20set/2": RedisServers(
        Topology.SENTINEL, (("a", 1), ("b", 26379)), tls=False, service="my set", options={"db": 2}
    ),
    "rediss+cluster://:secret@a:1,b": RedisServers(
        Topology.CLUSTER, (("a", 1), ("b", 6379)), tls=True, options={"password": "secret", "db": 0}
    ),
}
FAULTS = {
    "redis://a,b": "has several hosts",
    "redis://a/x": "must have the number of a database",
    "redis://a?colour=red": "may have the parameters protocol, ssl_ca_certs",
    "redis://a?protocol=9": "has parameters that cannot be used",
    "redis://a?ssl_cert_reqs=none": "has parameters that cannot be used",
    "rediss://a?ssl_cert_reqs=S3cretPw": "has a parameter ssl_cert_reqs that is none of required, optional, none",
    "rediss://a?ssl_check_hostname=S3cretPw": "has a parameter ssl_check_hostname that is none of true, false",
    "redis+sentinel://a:26379/0": "must name the set that the sentinels watch",
    "redis+sentinel://a:26379/0/1": "must name the set that the sentinels watch",
    "redis://a?db=one": "Invalid value for 'db'",
    "rediss://a?ssl_ca_certs=/nowhere/ca.pem": "has a parameter ssl_ca_certs whose file cannot be read",
    f"rediss://a?ssl_ca_certs={__file__}": "has parameters that cannot be used",
    "redis+sentinel://a:26379": "must name the set that the sentinels watch",
    "redis+sentinel://a:26379//2": "must name the set that the sentinels watch",
    "redis+sentinel://a,:26379/shop": "is not a URL",
    "redis+sentinel://a,b:0/shop": "is not a URL",
    "redis+sentinel://a,b:port/shop": "is not a URL",
    "redis+cluster://a/1": "must not name a database",
    "redis+cluster://": "is not a URL",
    "redis+crowd://a": "must be a URL that begins with redis://, rediss://, redis",
    "redis://[S3cretPw": "is not a URL",
}


@pytest.mark.parametrize(("url", "servers"), PLACES.items())
def test_a_redis_url_names_a_server_or_the_sentinels_of_a_set_or_a_cluster(url: str, servers: RedisServers) -> None:
    check("redis_url", url)
    found = parse_redis(url)
    assert (found.topology, found.hosts, found.tls, found.service) == (
        servers.topology,
        servers.hosts,
        servers.tls,
        servers.service,
    )
    assert (found.options, found.sentinels) == (servers.options, NOBODY)


def test_sentinels_have_credentials_of_their_own() -> None:
    found = parse_redis("redis+sentinel://:one@a/shop?sentinel_username=ada&sentinel_password=t%26wo")
    assert found.options == {"password": "one", "db": 0}
    assert found.sentinels == {"username": "ada", "password": "t&wo"}


@pytest.mark.parametrize(("url", "fault"), FAULTS.items())
def test_what_is_wrong_with_a_redis_url_is_said_without_its_secret(url: str, fault: str) -> None:
    with pytest.raises(ValueError, match=fault) as raised:
        check("redis_url", url.replace("://", "://:S3cretPw@") if "[" not in url else url)
    assert "S3cretPw" not in str(raised.value)


def test_files_of_tls_have_to_be_there(tmp_path: Path) -> None:
    trustme.CA().cert_pem.write_to_path(tmp_path / "ca.pem")
    check("db_url", f"mongodb://a,b/shop?tls=true&tlsCAFile={tmp_path}/ca.pem")
    check("redis_url", f"rediss://a?ssl_ca_certs={tmp_path}/ca.pem")
    check("smtp_url", f"smtps://a?ssl_ca_certs={tmp_path}/ca.pem")
    for name, url in {
        "db_url": "mongodb://a,b/shop?tls=true&tlsCAFile=",
        "redis_url": "rediss://a?ssl_ca_certs=",
        "smtp_url": "smtps://a?ssl_ca_certs=",
    }.items():
        with pytest.raises(ValueError, match="whose file cannot be read"):
            check(name, f"{url}{tmp_path}/another.pem")


@pytest.mark.parametrize(
    ("name", "url"),
    [
        ("db_url", "mongodb://a,b/shop?tls=true&tlsCAFile={}"),
        ("db_url", "mongodb://a,b/shop?tls=true&tlsCertificateKeyFile={}"),
        ("db_url", "mongodb://a,b/shop?tls=true&TLSCRLFILE={}"),
        ("redis_url", "rediss://a?ssl_ca_certs={}"),
        ("smtp_url", "smtps://a?ssl_ca_certs={}"),
    ],
)
def test_files_of_tls_are_files_and_hold_certificates(tmp_path: Path, name: str, url: str) -> None:
    with pytest.raises(ValueError, match="whose file cannot be read"):
        check(name, url.format(tmp_path))
    with pytest.raises(ValueError, match="whose file cannot be read"):
        check(name, url.format("x" * 300))
    with pytest.raises(ValueError, match="has parameters that cannot be used"):
        check(name, url.format(__file__))


def test_a_key_of_mongodbs_client_is_loaded_with_its_certificate(tmp_path: Path) -> None:
    trustme.CA().issue_cert("postberry").private_key_and_cert_chain_pem.write_to_path(tmp_path / "own.pem")
    check("db_url", f"mongodb://a,b/shop?tls=true&tlsCertificateKeyFile={tmp_path}/own.pem")


@pytest.mark.parametrize(
    ("name", "url"),
    [
        ("db_url", "mongodb://a/?tls=true&tlsInsecure=true"),
        ("db_url", "mongodb://a/?tls=true&tlsAllowInvalidCertificates=true"),
        ("db_url", "mongodb://a/?tls=true&TLSALLOWINVALIDHOSTNAMES=true"),
        ("redis_url", "rediss://a?ssl_cert_reqs=none"),
        ("redis_url", "rediss://a?ssl_check_hostname=false"),
    ],
)
def test_only_outside_production_a_certificate_may_be_anybodys(name: str, url: str) -> None:
    check(name, url)
    with pytest.raises(ValueError, match="must leave certificates to be verified"):
        check(name, url, strict=True)


@pytest.mark.parametrize("option", ["readPreference=secondary", "READPREFERENCE=nearest", "maxStalenessSeconds=90"])
def test_a_mongodb_url_does_not_say_where_to_read(option: str) -> None:
    with pytest.raises(ValueError, match="READ_PREFERENCE"):
        check("db_url", f"mongodb://a,b/shop?replicaSet=rs0&{option}")


def test_passwords_are_not_shown() -> None:
    assert "geheim" not in repr(parse_redis("redis+sentinel://:geheim@a/shop?sentinel_password=geheim"))


@pytest.mark.parametrize(
    ("query", "fault"), [("colour=red", "may have the parameter"), (f"ssl_ca_certs={__file__}", "cannot be used")]
)
def test_a_mail_url_has_no_other_parameters_than_its_authorities(query: str, fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        check("smtp_url", f"smtps://mail?{query}")
