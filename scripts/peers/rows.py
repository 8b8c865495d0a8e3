# SPDX-License-Identifier: Apache-2.0
"""What is compared with what: one Row for each comparison.

A row has one function for ours and one for each candidate of the peer; each runs
a program once and returns one number in the row's unit. Rows of one group share
runs of hpcc: a group is measured round by round, its rows side by side.
"""
import dataclasses
import typing

import hpcc
import programs

MIB = 2**20
HPL_NB = 192
HPCC_BANDWIDTH_BYTES = 2000000  # its pingpong, https://hpcchallenge.org
NETPIPE_BANDWIDTH_BYTES = (1 * MIB, 4 * MIB)


@dataclasses.dataclass
class Row:
    name: str           # "memory.triad/likwid": ours, slash, the peer
    bar: float          # least median ratio
    unit: str
    ours: typing.Callable
    peers: dict         # name of the candidate -> function
    group: str = ""     # "hpcc": its peer is the group's run of hpcc
    lower_is_better: bool = False
    check: typing.Callable = None  # raises if the two cannot be compared


class Setting:
    """The programs and sizes of one comparison."""

    def __init__(self, options, ours):
        self.ours = ours
        self.ranks = options.ranks
        self.threads = options.threads
        self.array_bytes = options.array or 64 * MIB * options.threads
        self.hpl_n = options.hpl_n
        self.cblas = options.cblas
        self.likwid = programs.Likwid(options.threads)
        self.hpcc = {}      # the summary of this round's run
        self.hpcc_rounds = 0

    def begin_hpcc_round(self):
        self.hpcc = hpcc.run_once(self.hpl_n, HPL_NB, self.ranks)
        self.hpcc_rounds += 1

    def theirs(self, name):
        if name not in self.hpcc:
            raise programs.Failed(f"hpcc's summary has no {name}")
        if not self.hpcc[name] > 0.0:
            raise programs.Failed(f"hpcc: {name} = {self.hpcc[name]}")
        return self.hpcc[name]

    def size(self, name):
        return int(self.theirs(name))


def memory_row(s, kernel, bar, arrays, candidates):
    """One process with all threads against likwid's best kernel for it."""
    size = s.array_bytes
    peers = {f"likwid-bench {name}":
             lambda name=name: s.likwid.run(name, arrays * size)
             for name in candidates}
    return Row(f"memory.{kernel}/likwid", bar, "byte/s",
               lambda: s.ours.rate(f"memory.{kernel}", {"array_bytes": f"{size}B"},
                                   1, s.threads), peers)


def fma_row(s, precision, prefix):
    isas = ["sse", "avx", "avx_fma", "avx512", "avx512_fma"]
    size = 16000 * s.threads  # within the L1 cache
    peers = {f"likwid-bench {prefix}_{isa}":
             lambda isa=isa: s.likwid.run(f"{prefix}_{isa}", size)
             for isa in isas}
    return Row(f"compute.fma.{precision}/likwid", 0.98, "flop/s",
               lambda: s.ours.rate("compute.fma", {"precision": precision}, 1,
                                   s.threads), peers)


def likwid_rows(s):
    # memory.triad is STREAM's, which likwid calls "stream"; its "triad" reads
    # three arrays. "mem" kernels write past the caches.
    return [
        memory_row(s, "copy", 0.98, 2,
                   ["copy_avx", "copy_avx512", "copy_mem_sse", "copy_mem_avx",
                    "copy_mem_avx512"]),
        memory_row(s, "triad", 0.98, 3,
                   ["stream_avx_fma", "stream_avx512_fma", "stream_mem_sse",
                    "stream_mem_avx_fma", "stream_mem_avx512"]),
        memory_row(s, "read", 0.98, 1,
                   ["load_sse", "load_avx", "load_avx512", "load_mem"]),
        fma_row(s, "fp64", "peakflops"),
        fma_row(s, "fp32", "peakflops_sp"),
    ]


def hpcc_row(s, name, bar, unit, key, ours, scale=1.0, lower_is_better=False,
             blas=None):
    """@p scale: from one of hpcc's values to all ranks in base units.
    @p blas: the benchmark of ours whose BLAS has to be hpcc's"""
    check = None
    if blas:
        def check():
            programs.need_same_blas("hpcc", s.ours.modules[blas])
    return Row(name, bar, unit, ours,
               {f"hpcc {key}": lambda: scale * s.theirs(key)},
               group="hpcc", lower_is_better=lower_is_better, check=check)


def message_time(s, message_bytes):
    """One-way seconds: messages go one after the other, there and back. The
    best of short repetitions, since both peers report the best of theirs."""
    found = s.ours.bench("network.pingpong",
                         {"message_bytes": f"{message_bytes}B"}, 2,
                         repeats=20, min_time="25ms")
    return 1.0 / max(found["performance"]["raw"])


def hpcc_rows(s):
    p, q = hpcc.grid(s.ranks)
    each = float(s.ranks)  # "Star" values are means over the processes
    ours, ranks = s.ours, s.ranks
    return [
        hpcc_row(s, "memory.triad/hpcc", 1.05, "byte/s", "StarSTREAM_Triad",
                 lambda: ours.rate(
                     "memory.triad",
                     {"array_bytes": f"{8 * s.size('STREAM_VectorSize')}B"},
                     ranks), 1e9 * each),
        hpcc_row(s, "compute.dgemm/hpcc", 0.98, "flop/s", "StarDGEMM_Gflops",
                 lambda: ours.rate("compute.dgemm", {"n": s.size("DGEMM_N")},
                                   ranks), 1e9 * each, blas="compute.dgemm"),
        hpcc_row(s, "compute.hpl/hpcc", 1.00, "flop/s", "HPL_Tflops",
                 lambda: ours.rate("compute.hpl",
                                   {"n": s.size("HPL_N"), "nb": HPL_NB, "p": p,
                                    "q": q}, ranks, repeats=1), 1e12,
                 blas="compute.hpl"),
        hpcc_row(s, "memory.gups/hpcc", 1.00, "update/s", "MPIRandomAccess_GUPs",
                 lambda: ours.rate(
                     "memory.gups",
                     {"table_bytes":
                      f"{8 * s.size('MPIRandomAccess_N') // ranks}B"},
                     ranks), 1e9),
        hpcc_row(s, "compute.fft/hpcc", 1.00, "flop/s", "MPIFFT_Gflops",
                 lambda: ours.rate("compute.fft",
                                   {"shape": "1d", "n": s.size("MPIFFT_N")},
                                   ranks), 1e9),
        hpcc_row(s, "network.pingpong.latency/hpcc", 0.98, "s",
                 "MaxPingPongLatency_usec", lambda: message_time(s, 8), 1e-6,
                 lower_is_better=True),
        hpcc_row(s, "network.pingpong.bandwidth/hpcc", 0.98, "byte/s",
                 "MaxPingPongBandwidth_GBytes",
                 lambda: HPCC_BANDWIDTH_BYTES /
                 message_time(s, HPCC_BANDWIDTH_BYTES), 1e9),
    ]


def netpipe_bandwidth_row(s, size):
    return Row(f"network.pingpong.bandwidth.{size // MIB}MiB/netpipe", 0.98,
               "byte/s", lambda: size / message_time(s, size),
               {f"NPopenmpi, {size // MIB} MiB":
                lambda: size / programs.netpipe(size)})


def other_rows(s):
    return [
        # At the order that hpcc's StarDGEMM has with HPL's N = 8000.
        Row("compute.dgemm/cblas", 0.98, "flop/s",
            lambda: s.ours.rate("compute.dgemm", {"n": 2000}, s.ranks),
            {"cblas_dgemm() in a loop":
             lambda: programs.cblas_loop(s.cblas, 2000, s.ranks)}),
        Row("network.pingpong.latency/netpipe", 0.98, "s",
            lambda: message_time(s, 8),
            {"NPopenmpi, 8 byte": lambda: programs.netpipe(8)},
            lower_is_better=True),
        *[netpipe_bandwidth_row(s, size) for size in NETPIPE_BANDWIDTH_BYTES],
        # Not a peer but a bound: no faster than memory allows.
        Row("compute.hpcg/read", 0.70, "byte/s",
            lambda: s.ours.memory_rate("compute.hpcg", s.ranks),
            {"memory.read": lambda: s.ours.rate("memory.read", {}, s.ranks)}),
    ]


def all_rows(setting):
    return [*likwid_rows(setting), *other_rows(setting), *hpcc_rows(setting)]
