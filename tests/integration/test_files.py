"""The file store in a folder."""

import stat
from pathlib import Path

import pytest

from server.storage.files import FileStoreAway, FolderStore, ObjectMissing

NAME = "recordings/0f/part.spool"


async def test_what_is_put_is_read_back_whole_and_in_ranges(tmp_path: Path) -> None:
    store = FolderStore(tmp_path / "store")
    await store.put(NAME, bytes(range(256)))
    assert await store.get(NAME) == bytes(range(256))
    assert await store.get_range(NAME, 10, 5) == bytes(range(10, 15))
    assert await store.get_range(NAME, 250, 100) == bytes(range(250, 256))
    assert await store.size(NAME) == 256


async def test_a_file_is_put_by_its_path_and_replaces_what_was_there(tmp_path: Path) -> None:
    store = FolderStore(tmp_path / "store")
    source = tmp_path / "source"
    for content in (b"first", b"second"):
        source.write_bytes(content)
        await store.put(NAME, source)
    assert await store.get(NAME) == b"second"


async def test_deleting_is_idempotent_and_leaves_nothing_behind(tmp_path: Path) -> None:
    store = FolderStore(tmp_path / "store")
    await store.put(NAME, b"x")
    await store.delete(NAME)
    await store.delete(NAME)
    assert list((tmp_path / "store").rglob("*")) == []


async def test_names_are_listed_under_a_prefix(tmp_path: Path) -> None:
    store = FolderStore(tmp_path / "store")
    for name in ("recordings/a/2", "recordings/a/1", "recordings/b/1"):
        await store.put(name, b"x")
    assert await store.names("recordings/a") == ["recordings/a/1", "recordings/a/2"]
    assert await store.names("nothing") == []


async def test_a_missing_object_has_its_own_refusal(tmp_path: Path) -> None:
    store = FolderStore(tmp_path / "store")
    with pytest.raises(ObjectMissing):
        await store.get("documents/none")
    with pytest.raises(ObjectMissing):
        await store.get_range("documents/none", 0, 1)
    with pytest.raises(ObjectMissing):
        await store.size("documents/none")


async def test_a_store_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    store = FolderStore(tmp_path / "store")
    (tmp_path / "store" / "recordings").write_text("a file where a folder should be")
    with pytest.raises(FileStoreAway):
        await store.put(NAME, b"x")


async def test_only_the_owner_may_enter_the_folder(tmp_path: Path) -> None:
    FolderStore(tmp_path / "store")
    assert stat.S_IMODE((tmp_path / "store").stat().st_mode) == 0o700


@pytest.mark.parametrize("name", ["../outside", "recordings/../../outside"])
async def test_a_name_cannot_leave_the_folder(tmp_path: Path, name: str) -> None:
    store = FolderStore(tmp_path / "store")
    with pytest.raises(ValueError, match="path"):
        await store.put(name, b"x")
    assert not (tmp_path / "outside").exists()
