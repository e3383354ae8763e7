"""`make seed`: demo data for an empty database. PRODUCTS=1000000 says how many products, SEED=7 throws other dice."""

import os
import sys
import time
from collections.abc import Mapping

from pymongo.errors import PyMongoError

from schema.database import UnusableDatabaseError
from schema.unavailable import explained
from settings import config
from settings.config import Settings
from tests.support import progress
from tests.support.seed import people, shop
from tests.support.seed.catalogue import documents
from tests.support.seed.plan import Plan
from tests.support.seed.shop import State
from tests.support.seed.writing import SeedError

_MOST_PRODUCTS = 10_000_000
_INTERRUPTED = 130


def main(arguments: list[str], environment: Mapping[str, str]) -> int:
    """0 when the demo data is there, or is not wanted; else one sentence, and 1, or 2: called wrongly, 75, 78."""
    settings = config.load()
    if settings.is_production:
        return _refuse("Demo data has accounts whose password everybody knows: there is none for production.")
    try:
        plan = _plan(arguments, environment, settings.currency)
    except ValueError:
        _refuse(f"Say it as in: make seed PRODUCTS=1000 SEED=1 (whole numbers, at most {_MOST_PRODUCTS:,} products).")
        return 2
    return _seed_or_refuse(settings, plan) if plan.products else _say("No demo data: PRODUCTS is 0.")


def _seed_or_refuse(settings: Settings, plan: Plan) -> int:
    try:
        return _seed(settings, plan)
    except SeedError as error:
        return _refuse(str(error))
    except (PyMongoError, UnusableDatabaseError) as error:
        status, sentence = explained(error)
        _refuse(sentence)
        return status
    except KeyboardInterrupt:
        _refuse("Interrupted: the next make seed goes on.")
        return _INTERRUPTED


def _plan(arguments: list[str], environment: Mapping[str, str], currency: str) -> Plan:
    products = int(next(iter(arguments), environment.get("PRODUCTS") or Plan.products))
    if not 0 <= products <= _MOST_PRODUCTS:
        raise ValueError
    return Plan.of(products, int(environment.get("SEED") or Plan.seed), currency)


def _seed(settings: Settings, plan: Plan) -> int:
    state, plan = shop.survey(settings.db_url, plan)
    if state is State.PRODUCTS_OF_OTHERS:
        return _say("The database has products already, so no demo data is added.")
    if state is not State.EVERYTHING:
        _say(f"{'Adding' if state is State.NOTHING else 'Going on with'} demo data: {_contents(plan)}.")
        _add(settings, plan)
    accounts = f"{people.ADMIN} (administrator) or {people.CUSTOMER}, password {people.PASSWORD}"
    return _say(f"The demo data is there. Sign in as {accounts}")


def _add(settings: Settings, plan: Plan) -> None:
    began = time.monotonic()
    with progress.shown() as steps:
        shop.add(settings, plan, steps)
    _say(f"Added in {time.monotonic() - began:.1f} s.")


def _contents(plan: Plan) -> str:
    categories = len(documents(plan))
    return f"{categories} categories, {plan.products:,} products, {plan.users:,} people and {plan.orders:,} orders"


def _say(sentence: str) -> int:
    sys.stdout.write(f"{sentence}\n")
    sys.stdout.flush()
    return 0


def _refuse(sentence: str) -> int:
    sys.stderr.write(f"{sentence}\n")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))
