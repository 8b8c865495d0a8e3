#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The harness adds nothing to the timed call: between the two clock reads of
gb_plugin_run_call() there is the call of the plugin's run() and what passes its
arguments, in the program as it was built.

usage: timed_call_test.py GREENBENCH
"""
import re
import shutil
import subprocess
import sys

# The arguments of run(), and the first reading put aside.
INSTRUCTIONS_MOST = 16

if len(sys.argv) != 2:
    sys.exit(__doc__)
if not shutil.which("objdump"):
    print("skipped: objdump is not installed (Debian: apt install binutils)")
    sys.exit(77)
text = subprocess.run(
    ["objdump", "-d", "--no-show-raw-insn",
     "--disassemble=gb_plugin_run_call", sys.argv[1]],
    capture_output=True, text=True, check=True).stdout
instructions = [match.group(1) for match in
                re.finditer(r"^ +[0-9a-f]+:\t(.*)$", text, re.MULTILINE)]
if not instructions:
    sys.exit(f"expected gb_plugin_run_call in {sys.argv[1]}, found none: "
             "is it stripped, or instrumented?")
clocks = [at for at, line in enumerate(instructions)
          if re.search(r"\b(call|bl)\b.*<clock_gettime", line)]
if len(clocks) != 2:
    sys.exit(f"expected two calls of clock_gettime, found {len(clocks)}")
between = instructions[clocks[0] + 1:clocks[1]]
calls = [line for line in between if re.match(r"(call|bl|blr)\b", line)]
jumps = [line for line in between if re.match(r"(j|b\.|cb|tb)", line)]
if (len(calls) != 1 or not re.search(r"\*%r|blr\s+x", calls[0]) or jumps or
        len(between) > INSTRUCTIONS_MOST):
    sys.exit("expected one indirect call, no jump and at most "
             f"{INSTRUCTIONS_MOST} instructions, found:\n  " +
             "\n  ".join(between))
print(f"{len(between)} instructions, one of them the call of run()")
