"""The pictures of the products as files of the shop."""

from odmantic import ObjectId

from tests.support.seed.catalogue import catalogue
from tests.support.seed.plan import FIRST, Plan


def identify(plan: Plan) -> list[list[ObjectId]]:
    """The ids of the pictures, for each leaf of the catalogue."""
    count = plan.pictures
    kinds = range(len(catalogue().leaves))
    return [[plan.identify("picture", kind * count + take, FIRST) for take in range(count)] for kind in kinds]
