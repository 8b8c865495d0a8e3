# SPDX-License-Identifier: Apache-2.0
"""Every program and plugin that was built is hardened: read from the files, with
readelf, and not from the options that should have made them so.

Usage: hardening_test.py READELF FORTIFIED PLUGIN_DIR PROGRAM..
"""
import pathlib
import re
import subprocess
import sys

READELF = sys.argv[1]


def read(file):
    return subprocess.run([READELF, "--wide", "--file-header", "--segments",
                           "--dynamic", "--dyn-syms", str(file)], check=True,
                          capture_output=True, text=True).stdout


def faults(text, is_program, is_fortified):
    """What is missing, in words."""
    if not re.search(r"Type:\s+DYN", text):
        yield "expected code at no fixed address (ELF type DYN)"
    if is_program and not re.search(r"\(FLAGS_1\).*\bPIE\b", text):
        yield "expected a position-independent program (-pie)"
    if not re.search(r"^\s+GNU_RELRO\b", text, re.M):
        yield "expected relocations read-only (-z relro)"
    if not re.search(r"\(FLAGS\).*\bBIND_NOW\b|\(FLAGS_1\).*\bNOW\b", text):
        yield "expected all symbols bound at the start (-z now)"
    stack = re.search(r"^\s+GNU_STACK\s+(?:0x\w+\s+){5}(\S+)", text, re.M)
    if stack is None or "E" in stack[1]:
        yield "expected a stack that is no code (-z noexecstack)"
    if "(TEXTREL)" in text:
        yield "expected code that is not written to (-fPIC)"
    writable = [line for line in text.splitlines()
                if re.match(r"\s+LOAD\b.*\bRWE\b", line)]
    if writable:
        yield "expected no memory both written and executed"
    if is_program and "__stack_chk_fail" not in text:
        yield "expected canaries (-fstack-protector-strong)"
    if is_program and is_fortified and "__snprintf_chk" not in text:
        yield "expected checked calls (-D_FORTIFY_SOURCE=2)"


def main():
    is_fortified = sys.argv[2] == "1"
    plugins = sorted(pathlib.Path(sys.argv[3]).glob("*.so"))
    programs = sys.argv[4:]
    if len(plugins) < 10 or not programs:
        sys.exit(f"expected plugins in {sys.argv[3]} and programs")
    bad = [f"{file}: {fault}" for file in [*programs, *plugins]
           for fault in faults(read(file), file in programs, is_fortified)]
    # A file without any of it, as an older compiler makes them, is found out.
    plain = re.sub(r"GNU_RELRO|BIND_NOW|\bNOW\b|\bPIE\b|GNU_STACK|__\w+_chk\w*",
                   "", read(programs[0]))
    assert len(list(faults(plain, True, True))) >= 6, plain
    print("\n".join(bad) if bad else
          f"{len(programs)} programs and {len(plugins)} plugins are hardened")
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
