import io
from itertools import pairwise

import pytest
from anyio.to_thread import run_sync as to_thread
from PIL import Image

from settings.config import Settings
from tests.support.application import serving
from tests.support.progress import lines
from tests.support.seed import pictures, shop
from tests.support.seed.catalogue import catalogue
from tests.support.seed.plan import Plan

pytestmark = pytest.mark.anyio

PRODUCTS = "{ products(first: 5) { nodes { slug category { name } images { name contentType size url } } } }"


def test_every_kind_of_thing_has_a_drawing() -> None:
    assert set(pictures.shapes()["things"]) == {leaf.name for leaf in catalogue().leaves}


def test_a_picture_is_a_small_jpeg_that_differs_by_thing_palette_and_side() -> None:
    drawn = [
        pictures.draw("Chairs", 0, mirrored=False),
        pictures.draw("Chairs", 1, mirrored=False),
        pictures.draw("Kites", 1, mirrored=False),
        pictures.draw("Kites", 1, mirrored=True),
    ]
    for first, second in pairwise(drawn):
        assert first != second
    for picture in drawn:
        with Image.open(io.BytesIO(picture)) as image:
            assert (image.format, image.size) == ("JPEG", (480, 480))
        assert len(picture) < 30_000


def test_it_is_drawn_the_same_each_time() -> None:
    assert pictures.draw("Clocks", 5, mirrored=True) == pictures.draw("Clocks", 5, mirrored=True)


async def test_a_visitor_sees_the_products_with_their_pictures(settings: Settings) -> None:
    async with serving(settings) as client:
        await to_thread(shop.add, settings, Plan.of(5, 1, "EUR"), lines)
        products = (await client.data(PRODUCTS))["products"]["nodes"]
        assert len(products) == 5
        for product in products:
            image = product["images"][0]
            picture = await client.http.get(image["url"])
            assert picture.headers["content-type"] == image["contentType"] == "image/jpeg"
            assert len(picture.content) == image["size"]
