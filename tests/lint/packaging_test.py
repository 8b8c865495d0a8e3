#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What can be seen of the Spack package and the Apptainer definition without
Spack and Apptainer: they are whole, well formed, and know the build's options.

usage: packaging_test.py SOURCE_DIR
"""
import ast
import pathlib
import re
import subprocess
import sys

source = pathlib.Path(sys.argv[1])
packaging = source / "scripts" / "packaging"
project = re.search(r"project\(greenbench VERSION (\S+)",
                    (source / "CMakeLists.txt").read_text())[1]
problems = []


def expect(true, what):
    if not true:
        problems.append(what)


def text_of(path):
    text = path.read_text()
    expect("# Untried:" in text, f"{path}: expected to be labelled untried")
    return text


def spack(path):
    tree = ast.parse(text_of(path), str(path))
    classes = [n for n in tree.body if isinstance(n, ast.ClassDef)]
    expect([c.name for c in classes] == ["Greenbench"],
           f"{path}: expected one class Greenbench")
    calls = {}
    for node in ast.walk(tree):
        if (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and
                node.args and isinstance(node.args[0], ast.Constant)):
            calls.setdefault(node.func.id, []).append(node.args[0].value)
    expect(project in calls.get("version", []),
           f"{path}: expected version {project}, got {calls.get('version')}")
    options = (source / "scripts/cmake/GreenbenchOptions.cmake").read_text()
    features = re.search(r"foreach\(feature IN ITEMS (.*?)\)", options) or \
        re.search(r"foreach\(feature (.*?)\)", options)
    expect(sorted(calls.get("variant", [])) ==
           sorted(features[1].lower().split()),
           f"{path}: expected a variant for each of {features[1]}, got "
           f"{calls.get('variant')}")


def apptainer(path):
    text = text_of(path)
    head = text[:text.index("%")]
    for key in ("Bootstrap", "From"):
        expect(re.search(rf"^{key}: \S+$", head, re.M), f"{path}: no {key}")
    sections = dict(re.findall(r"^%(\w+)\n(.*?)(?=^%|\Z)", text, re.M | re.S))
    known = {"files", "post", "environment", "runscript", "test", "labels",
             "help"}
    expect(set(sections) == known,
           f"{path}: expected sections {sorted(known)}, got {sorted(sections)}")
    for name in ("post", "environment", "runscript", "test"):
        done = subprocess.run(["sh", "-n"], input=sections.get(name, ""),
                              text=True, stderr=subprocess.PIPE, check=False)
        expect(done.returncode == 0, f"{path}: %{name}: {done.stderr}")


spack(packaging / "spack" / "greenbench" / "package.py")
apptainer(packaging / "greenbench.def")
for problem in problems:
    print(problem, file=sys.stderr)
sys.exit(1 if problems else 0)
