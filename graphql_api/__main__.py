"""`python -m graphql_api`: the API program."""

from uvicorn import Config
from uvicorn.supervisors import Multiprocess

from settings import config, logging
from settings.config import Settings


def server(settings: Settings) -> Config:
    """Uvicorn's options. Forwarded headers are read from TRUSTED_PROXIES alone; requests are logged by us."""
    return Config(
        "graphql_api.app:from_environment",
        factory=True,
        host=settings.host,
        port=settings.port,
        workers=settings.api_workers,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=list(settings.trusted_proxies),
        timeout_graceful_shutdown=int(settings.shutdown_timeout),
    )


def main() -> None:
    """Run until a signal ends it; a process that dies is replaced, also when it is the only one."""
    settings = config.load()
    logging.configure(settings, "api")
    options = server(settings)
    Multiprocess(options, sockets=[options.bind_socket()]).run()


if __name__ == "__main__":
    main()
