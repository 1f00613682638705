"""A publish that is killed leaves readers what they had, and the next one goes on."""

import shutil
import subprocess
import sys
from pathlib import Path

from gphoton_db.archive import Archive
from tests.examples import deep
from tests.gphoton_db.remote.test_publish import change, n_products, pointer_in

MOMENTS = 10 if deep() else 6

KILLED = """
import os, signal, sys
from pathlib import Path
from gphoton_db.archive import Archive
from gphoton_db.publish.publish import publish

STEPS = ("os.rename", "os.mkdir", "os.link", "fcntl.flock")

def publish_until(root, folder, step):
    left = step

    def count(event, arguments):
        nonlocal left
        if event in STEPS or event == "open" and str(arguments[0]).startswith(folder):
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(count)
    with Archive(root) as archive:
        archive.publish(folder)
    return step - left

root, folders = sys.argv[1], sys.argv[2:]
reading, writing = os.pipe()
if os.fork() == 0:
    os.write(writing, str(publish_until(root, folders[0], 10**9)).encode())
    os._exit(0)
os.wait()
n_steps = int(os.read(reading, 100))
for number, folder in enumerate(folders[1:]):
    # The last steps are those of the catalogue and the pointer.
    last = (len(folders) + 1) // 2
    more, steps = len(folders) - 1 - last, n_steps - last - 2
    back = number if number < last else last + (number - last) * steps // more
    if os.fork() == 0:
        publish_until(root, folder, n_steps - back)
        os._exit(0)
    print(os.waitstatus_to_exitcode(os.wait()[1]))
"""


def test_readers_see_one_version_whenever_it_is_killed(
    full_copy: Path, published_copy: Path, tmp_path: Path
) -> None:
    before = pointer_in(published_copy)
    change(full_copy)
    # Some files of legs are not there yet either.
    for path in published_copy.glob("ticks/**/*.parquet"):
        path.unlink()
    folders = [tmp_path / str(number) for number in range(MOMENTS + 1)]
    for folder in folders:
        shutil.copytree(published_copy, folder)
    done = subprocess.run(
        [sys.executable, "-c", KILLED, full_copy, *folders],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout.split(), done.stderr) == (["-9"] * MOMENTS, "")
    new, seen = pointer_in(folders[0]), set()
    for folder in folders[1:]:
        named, n = pointer_in(folder).catalogue, n_products(folder)
        assert (named, n) in ((before.catalogue, 0), (new.catalogue, 1))
        seen.add(n)
    assert seen == {0, 1}
    with Archive(full_copy) as archive:
        archive.publish(folders[-1])
    assert n_products(folders[-1]) == 1
