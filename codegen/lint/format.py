# SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
"""Every C and C++ file is as clang-format writes it. format.py ANY_FILE_OF_THE_TREE/WORKSPACE"""

import concurrent.futures
import os
import pathlib
import subprocess
import sys

from codegen.lint import lint

CLANG_FORMAT = "clang-format-19"
BATCH = 16


def list_sources(root):
    return [
        name
        for name in lint.list_files(root)
        if os.path.splitext(name)[1] in (".c", ".h", ".cc") and not lint.is_data(name)
    ]


def unformatted(root, names):
    """Those of the files that clang-format would change."""
    command = [CLANG_FORMAT, "--dry-run", "--Werror", "--ferror-limit=1"]
    if subprocess.run(command + names, cwd=root, capture_output=True).returncode == 0:
        return []
    return [n for n in names if subprocess.run(command + [n], cwd=root, capture_output=True).returncode != 0]


def main(argv):
    root = pathlib.Path(argv[1]).resolve().parent
    names = list_sources(root)
    batches = [names[i : i + BATCH] for i in range(0, len(names), BATCH)]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        bad = [n for part in pool.map(lambda batch: unformatted(root, batch), batches) for n in part]
    if bad:
        print(f"run: {CLANG_FORMAT} -i {' '.join(bad)}")
    return 1 if bad or not names else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
