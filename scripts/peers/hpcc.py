# SPDX-License-Identifier: Apache-2.0
"""Run the HPC Challenge suite once. It has no switch for its parts: each run
does all of them, sized by HPL's matrix, and reports the sizes it chose.
"""
import pathlib
import tempfile

from programs import Failed, mpirun, need_program, run

# HPL's own settings as in the example that Debian's package ships.
INPUT = """HPLinpack benchmark input file
one run of everything
HPL.out      output file name (if any)
8            device out (6=stdout,7=stderr,file)
1            # of problems sizes (N)
{n}          Ns
1            # of NBs
{nb}         NBs
0            PMAP process mapping (0=Row-,1=Column-major)
1            # of process grids (P x Q)
{p}          Ps
{q}          Qs
16.0         threshold
1            # of panel fact
2            PFACTs (0=left, 1=Crout, 2=Right)
1            # of recursive stopping criterium
4            NBMINs (>= 1)
1            # of panels in recursion
2            NDIVs
1            # of recursive panel fact.
1            RFACTs (0=left, 1=Crout, 2=Right)
1            # of broadcast
1            BCASTs (0=1rg,1=1rM,2=2rg,3=2rM,4=Lng,5=LnM)
1            # of lookahead depth
1            DEPTHs (>=0)
2            SWAP (0=bin-exch,1=long,2=mix)
64           swapping threshold
0            L1 in (0=transposed,1=no-transposed) form
0            U  in (0=transposed,1=no-transposed) form
1            Equilibration (0=no,1=yes)
8            memory alignment in double (> 0)
##### This line (no. 32) is ignored (it serves as a separator). ######
0            Number of additional problem sizes for PTRANS
1200         values of N
0            number of additional blocking sizes for PTRANS
40           values of NB
"""


def grid(ranks):
    """P x Q as near to square as it divides, P <= Q."""
    p = max(k for k in range(1, ranks + 1) if k * k <= ranks and ranks % k == 0)
    return p, ranks // p


def run_once(n, nb, ranks):
    """Every NAME=value of its summary; numbers as float."""
    need_program("hpcc")
    p, q = grid(ranks)
    with tempfile.TemporaryDirectory(prefix="gb-hpcc-") as folder:
        path = pathlib.Path(folder)
        (path / "hpccinf.txt").write_text(INPUT.format(n=n, nb=nb, p=p, q=q))
        run([*mpirun(ranks), "hpcc"], 3600, cwd=folder)
        text = (path / "hpccoutf.txt").read_text(errors="replace")
    found = {}
    for line in text.partition("Begin of Summary section.")[2].splitlines():
        name, equals, value = line.strip().partition("=")
        if equals:
            try:
                found[name] = float(value)
            except ValueError:
                found[name] = value
    if found.get("Success") != 1.0:
        raise Failed("hpcc: its summary does not say Success=1")
    return found
