import io
from itertools import pairwise

from PIL import Image

from tests.support.seed import pictures
from tests.support.seed.catalogue import catalogue


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
