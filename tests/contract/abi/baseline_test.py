#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The types of the public headers against the committed baseline, with
libabigail. Fails at any difference: what only adds at the end of a struct is
renewed with one command, anything else breaks plugins that exist.

usage: baseline_test.py SOURCE_DIR COMPILER

GREENBENCH_UPDATE_GOLDEN=1 renews the baseline, unless plugins would break.
"""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree

SOURCE = pathlib.Path(sys.argv[1]).resolve()
COMPILER = sys.argv[2]
HEADERS = SOURCE / "core" / "include"
BASELINE = SOURCE / "tests/contract/abi/x86_64.abi.xml"
UPDATE = os.environ.get("GREENBENCH_UPDATE_GOLDEN") == "1"
RENEW = "GREENBENCH_UPDATE_GOLDEN=1 ctest --preset full -R contract.abi.baseline"


def call(*words, folder=None):
    return subprocess.run([str(w) for w in words], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False,
                          timeout=60, cwd=folder)


def expect(done, what):
    if done.returncode != 0:
        sys.exit(f"{what} failed ({done.returncode}):\n{done.stdout}")


def dump(headers, folder):
    """The types of all public headers, as libabigail's XML. MPI's handle, whose
    type is the library's own, is a pointer here."""
    folder.mkdir()
    (folder / "mpi.h").write_text("typedef struct any_mpi *MPI_Comm;\n")
    includes = "".join(f'#include "{header.relative_to(headers)}"\n'
                       for header in sorted(headers.rglob("*.h")))
    (folder / "types.c").write_text(
        includes + "const gb_plugin greenbench_plugin = {0};\n")
    expect(call(COMPILER, "-std=c11", "-g", "-gdwarf-4", "-O0", "-shared",
                "-fPIC", "-fno-eliminate-unused-debug-types", "-I.", "-I",
                headers, "types.c", "-o", "types.so", folder=folder),
           "the compiler")
    expect(call("abidw", "--load-all-types", "--drop-private-types",
                "--headers-dir", headers, "--no-corpus-path",
                "--no-comp-dir-path", "--no-show-locs", "--type-id-style",
                "hash", "--out-file", "types.xml", "types.so", folder=folder),
           "abidw")
    return folder / "types.xml"


def public(file):
    """{struct: [(member, offset in bits, type)]} and {constant: value} of what
    is greenbench's in a dump."""
    root = xml.etree.ElementTree.parse(file).getroot()
    kinds = {node.get("id"): node for node in root.iter() if node.get("id")}

    def spell(identity):
        """A type as text, as far as a caller depends on it: a struct is its
        name, for it may grow."""
        node = kinds.get(identity)
        if node is None:
            return str(identity)
        if node.tag == "class-decl":
            return f"struct {node.get('name')}"
        below = [spell(part.get("type-id")) for part in (node, *node)
                 if part.get("type-id")]
        return " ".join([node.tag, *(node.get(key, "") for key in (
            "name", "const", "volatile", "size-in-bits")), *below])

    structs = {}
    for node in root.iter("class-decl"):
        members = [(part.find("var-decl").get("name"),
                    int(part.get("layout-offset-in-bits")),
                    spell(part.find("var-decl").get("type-id")))
                   for part in node.iter("data-member")]
        if members and node.get("name").startswith("gb_"):
            structs[node.get("name")] = members
    constants = {e.get("name"): e.get("value") for e in root.iter("enumerator")
                 if e.get("name").startswith("GB_")}
    return structs, constants


def broken(old_file, new_file):
    """What of the old types the new ones do not keep; empty: only additions."""
    (old, old_constants), (new, new_constants) = map(public,
                                                     (old_file, new_file))
    for name, members in old.items():
        kept = new.get(name, [])[:len(members)]
        for was, now in zip(members, kept + [None] * len(members)):
            if was != now:
                yield f"{name}.{was[0]}: expected {was[1:]}, got {now}"
    for name, value in old_constants.items():
        if new_constants.get(name) != value:
            yield (f"{name}: expected {value}, got "
                   f"{new_constants.get(name, 'nothing')}")


# A change of plugin.h, and how it must be taken.
CHANGES = [
    ("a field put between others", "    double checksum;",
     "    double between;\n    double checksum;", "broken"),
    ("another type", "    double flops;", "    float flops;", "broken"),
    ("another signature", "(*prepare)(gb_instance *self)",
     "(*prepare)(gb_instance *self, int how)", "broken"),
    ("a field that is gone", "    uint32_t ranks_multiple;", "", "broken"),
    ("a field at the end", "} gb_work;", "    double added;\n} gb_work;",
     "added"),
]


def try_changes(folder, made):
    """Each change is taken for what it is."""
    for number, (what, old, new, kind) in enumerate(CHANGES):
        headers = folder / f"include-{number}"
        shutil.copytree(HEADERS, headers)
        file = headers / "greenbench" / "plugin.h"
        text = file.read_text()
        if text.count(old) != 1:
            sys.exit(f"{what}: expected '{old}' once in plugin.h")
        file.write_text(text.replace(old, new))
        changed = dump(headers, folder / f"changed-{number}")
        found = "broken" if list(broken(made, changed)) else (
            "added" if public(made) != public(changed) else "nothing")
        if found != kind:
            sys.exit(f"{what}: expected '{kind}', got '{found}'")


def main():
    for tool in ("abidw", "abidiff"):
        if shutil.which(tool) is None:
            print(f"skipped: {tool} (abigail-tools) is not installed")
            sys.exit(77)
    with tempfile.TemporaryDirectory(prefix="gb-abi-") as name:
        folder = pathlib.Path(name)
        made = dump(HEADERS, folder / "now")
        try_changes(folder, made)
        structs, constants = public(made)
        if len(structs) < 6 or "GB_ERR_ABI" not in constants:
            sys.exit(f"expected the public types in the dump, got {structs}")
        if not BASELINE.exists() and UPDATE:
            shutil.copyfile(made, BASELINE)
        compared = call("abidiff", "--non-reachable-types", BASELINE, made)
        problems = list(broken(BASELINE, made))
        if problems:
            print(compared.stdout, *problems, sep="\n")
            sys.exit("the ABI is broken: plugins that exist would read or call "
                     "something else.\n  hint: append new fields at the end of "
                     "a struct, and raise GB_PLUGIN_ABI_MINOR; "
                     "docs/decisions/0001-plugin-abi.md has the rules")
        if UPDATE:
            shutil.copyfile(made, BASELINE)
            print(f"renewed {BASELINE}")
        elif compared.returncode != 0 or public(BASELINE) != (structs, constants):
            print(compared.stdout)
            sys.exit("something was added to the ABI: if GB_PLUGIN_ABI_MINOR "
                     f"and the changelog say so, renew the baseline:\n  {RENEW}")


main()
