# SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
"""Generates everything: main.py --spec FILE --templates DIR --out DIR [--abi DIR] [--formats DIR]."""

import argparse
import os
import sys

from codegen.generator import check, load, lock, model, render


def validate(spec, extra=(), locks=(), complete=True):
    """The document, the model and the items that the lock lacks. Raises load.SpecErrors.

    extra are parts and locks are lock files beyond those that the spec names.
    """
    document = load.load(spec, extra)
    check.check(document)
    built = model.build(document)
    entries = [e for file in (document.lock, *locks) for e in lock.read(file)]
    return document, built, lock.check(document, built, entries, complete)


def generate(spec, templates):
    """{file name: text} of everything. Raises load.SpecErrors."""
    _, built, _ = validate(spec)
    return render.render(built, templates, spec)


def write(texts, out, folders):
    """Write texts below out; those named folder/x go below folders[folder] when it is given."""
    for name, text in texts.items():
        folder, _, rest = name.partition("/")
        file = os.path.join(folders[folder], rest) if folders.get(folder) else os.path.join(out, name)
        os.makedirs(os.path.dirname(file), exist_ok=True)
        with open(file, "w", encoding="ascii", newline="\n") as stream:
            stream.write(text)


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--spec", required=True, help="root file of the spec")
    parser.add_argument("--templates", required=True, help="folder of the templates")
    parser.add_argument("--out", required=True, help="folder for the generated files")
    parser.add_argument("--abi", help="folder for the layout texts (default: abi/ in --out)")
    parser.add_argument("--formats", help="folder for the format files (default: formats/ in --out)")
    args = parser.parse_args(argv)
    try:
        texts = generate(args.spec, args.templates)
    except load.SpecErrors as errors:
        print(errors, file=sys.stderr)
        return 1
    write(texts, args.out, {"abi": args.abi, "formats": args.formats})
    return 0


if __name__ == "__main__":
    sys.exit(main())
