"""`make released`, with a release: what clients are given from now on is `schema.graphql` as it is."""

import shutil
import sys

from clients.schema_checks import ALLOWED, RELEASED
from graphql_api.schema import SDL, main

if __name__ == "__main__":
    if status := main(["--check"]):
        sys.exit(status)
    shutil.copyfile(SDL, RELEASED)
    ALLOWED.write_text("[]\n")
    print(f"{RELEASED.name} is what is released now, and nothing is allowed to break any more.")
