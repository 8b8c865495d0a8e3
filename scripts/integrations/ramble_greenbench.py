# SPDX-License-Identifier: Apache-2.0
"""Ramble (and so Benchpark) application: save it as
applications/greenbench/application.py of a repository of yours.

Figures are taken from the OpenMetrics text that `greenbench report` makes of
the run: one line for each, in SI units.

greenbench's own tests hold the patterns below against what it writes; Ramble
itself is not run there.
"""
from ramble.appkit import *

METRICS = '{experiment_run_dir}/metrics.prom'
CASE = r'benchmark="(?P<benchmark>[^"]+)",params="(?P<params>[^"]*)"'
FIGURES = {
    'bytes per second': (r'greenbench_performance_bytes_per_second', 'byte/s'),
    'flops per second': (r'greenbench_performance_flops_per_second', 'flop/s'),
    'bytes per joule': (r'greenbench_efficiency_bytes_per_joule', 'byte/J'),
    'flops per joule': (r'greenbench_efficiency_flops_per_joule', 'flop/J'),
    'power': (r'greenbench_power_watts', 'W'),
    'energy': (r'greenbench_energy_joules', 'J'),
    'energy, half of its 95 % interval': (r'greenbench_energy_u95_joules', 'J'),
}
VALUE = r'\{.*\} (?P<value>\S+)$'
COMPLETE = r'^greenbench_run_complete\{\} 1$'


class Greenbench(ExecutableApplication):
    """Performance and energy, with their uncertainty"""

    name = 'greenbench'
    tags('energy', 'performance')

    executable('run', 'greenbench run --suite {suite} -o results', use_mpi=True)
    executable('report', f'greenbench report results/* --openmetrics {METRICS}',
               use_mpi=False)
    workload('suite', executables=['run', 'report'])
    workload_variable('suite', default='default',
                      description='quick, default, full, green500, network',
                      workloads=['suite'])

    figure_of_merit_context('case', regex=r'^greenbench_\w+\{' + CASE,
                            output_format='{benchmark} {params}')
    for title, (metric, unit) in FIGURES.items():
        figure_of_merit(title, log_file=METRICS, fom_regex='^' + metric + VALUE,
                        group_name='value', units=unit, contexts=['case'])
    success_criteria('complete', mode='string', match=COMPLETE, file=METRICS)
