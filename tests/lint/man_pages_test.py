#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every command has a manual page that says what its --help says: the same
summary, the same usage, the same options with the same values.

usage: man_pages_test.py MAN_DIR VERSION PROGRAM...

A program named greenbench has commands; each has a page of its own.
"""
import pathlib
import re
import shlex
import subprocess
import sys

problems = []
folder = pathlib.Path(sys.argv[1])
version = sys.argv[2]
FONTS = {"B", "I", "R", "BI", "BR", "IB", "IR", "RB", "RI"}


def help_of(*words):
    done = subprocess.run(words, stdout=subprocess.PIPE, text=True, timeout=60)
    assert done.returncode == 0, f"{words}: {done.returncode}"
    return done.stdout


def plain(line):
    """A line of a page without fonts: what a reader sees."""
    words = re.match(r"\.([A-Z]+) (.*)", line)
    if words and words[1] in FONTS:
        parts = shlex.split(words[2].replace("\\", "\\\\"))
        line = (" " if len(words[1]) == 1 else "").join(parts)
    line = re.sub(r"\\f.", "", line)
    return line.replace("\\-", "-").replace("\\ ", " ")


def section(text, name):
    found = re.search(rf"^\.SH {name}\n(.*?)(?=^\.SH |\Z)", text, re.S | re.M)
    return found[1].splitlines() if found else []


def options_in_page(text):
    lines = section(text, "OPTIONS")
    return {plain(after) for line, after in zip(lines, lines[1:])
            if line in (".TP", ".TQ")}


def options_in_help(text):
    body = text.split("\noptions:\n")[1].split("\n\n")[0]
    found = set()
    for line in body.splitlines():
        option = re.match(r"  (-\w, |    )(--[\w-]+)( (?! )\S+)?", line)
        if option:
            found.add((option[1].strip() + " " + option[2]).strip() +
                      (option[3] or ""))
    return found - {"-h, --help"}


def words(lines):
    return " ".join(" ".join(lines).split())


def synopses(text):
    """Each way to call it, from the page."""
    lines = [plain(line) for line in section(text, "SYNOPSIS")]
    return [words(part.split("\n"))
            for part in "\n".join(lines).split("\n.br\n")]


def compare(page, told, what, expected, got):
    if expected != got:
        problems.append(f"{page}: {what}: expected, as in {told}:\n"
                        f"    {expected}\n  got\n    {got}")


def check(title, text, summary):
    """The page of one command (or program) against its --help."""
    page = folder / f"{title.replace(' ', '-')}.1"
    if not page.is_file():
        problems.append(f"{page}: expected a page for '{title}', found none")
        return
    told = f"{title} --help"
    source = page.read_text()
    name = page.stem
    compare(page, "the project", "its version", f"greenbench {version}",
            source.splitlines()[0].split('"')[3])
    compare(page, told, "NAME", f"{name} - {summary}" if summary else None,
            words([plain(line) for line in section(source, "NAME")])
            if summary else None)
    usage = text[len("usage: "):].split("\n\n")[0].splitlines()
    compare(page, told, "SYNOPSIS", [words([line]) for line in usage],
            synopses(source))
    compare(page, told, "OPTIONS", sorted(options_in_help(text)),
            sorted(options_in_page(source) - {"-h, --help"}))


for program in sys.argv[3:]:
    title = pathlib.Path(program).name
    text = help_of(program, "--help")
    if title != "greenbench":
        check(title, text, None)
        continue
    listed = text.split("\ncommands:\n")[1].split("\n\n")[0]
    main = (folder / "greenbench.1").read_text()
    for command in re.findall(r"^  (\S+(?: \S+)?)  ", listed, re.M):
        own = help_of(program, *command.split(), "--help")
        if own != help_of(program, "help", *command.split()):
            problems.append(f"greenbench help {command}: expected what "
                            f"greenbench {command} --help prints")
        summary = words([own.split("\n\n")[1]])
        check(f"greenbench {command}", own, summary)
        reference = f"greenbench-{command.replace(' ', '-')} (1)"
        if reference not in main:
            problems.append(f"{folder}/greenbench.1: expected a word on "
                            f"'{command}' and '{reference}'")

for problem in problems:
    print(problem, file=sys.stderr)
sys.exit(1 if problems else 0)
