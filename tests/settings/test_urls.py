from pathlib import Path

import pytest

from settings.urls import Bucket, Folder, parse_storage

PLACES = {
    "file://var/storage": Folder(Path("var/storage")),
    "file:///srv/the%20storage/": Folder(Path("/srv/the storage")),
    "s3://bucket": Bucket("bucket"),
    "s3://my.bucket-1/some/prefix/": Bucket("my.bucket-1", "some/prefix"),
    "s3://bucket?region=eu-central-1": Bucket("bucket", region="eu-central-1"),
    "s3://bucket/a%20b?endpoint=http://127.0.0.1:9000&region=us-east-1": Bucket(
        "bucket", "a b", "http://127.0.0.1:9000", "us-east-1"
    ),
    "s3://key:se%2Fcret@bucket": Bucket("bucket", access_key_id="key", secret_access_key="se/cret"),
}


@pytest.mark.parametrize(("url", "place"), PLACES.items())
def test_a_storage_url_names_a_folder_or_a_bucket(url: str, place: Folder | Bucket) -> None:
    assert parse_storage(url) == place


def test_a_secret_is_not_shown() -> None:
    assert "geheim" not in repr(parse_storage("s3://key:geheim@bucket"))
