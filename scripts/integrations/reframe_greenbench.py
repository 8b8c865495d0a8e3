# SPDX-License-Identifier: Apache-2.0
"""ReFrame test that runs greenbench and follows its figures.

    reframe -c reframe_greenbench.py -r -S suite=quick -S num_tasks=2

Figures are taken from the OpenMetrics text that `greenbench report` makes of
the run: one line for each, in SI units. References go into a `reference`
dictionary of a class derived from this one.

greenbench's own tests hold the patterns below against what it writes; ReFrame
itself (4.x is meant) is not run there.
"""
import reframe as rfm
import reframe.utility.sanity as sn

METRICS = 'metrics.prom'
FIGURE = (r'^greenbench_(?P<figure>(?:performance|efficiency|power)_(?!ci95|u95)'
          r'\w+)\{benchmark="(?P<benchmark>[^"]+)",params="(?P<params>[^"]*)"'
          r'.*\} (?P<value>\S+)$')
FAILED = r'^greenbench_benchmark_valid\{.*\} 0$'
COMPLETE = r'^greenbench_run_complete\{\} 1$'


@rfm.simple_test
class Greenbench(rfm.RunOnlyRegressionTest):
    suite = variable(str, value='default')
    descr = 'performance and energy, with their uncertainty'
    valid_systems = ['*']
    valid_prog_environs = ['*']
    executable = 'greenbench'
    postrun_cmds = [f'greenbench report results/* --openmetrics {METRICS}']

    @run_before('run')
    def choose_suite(self):
        self.executable_opts = ['run', '--suite', self.suite, '-o', 'results']

    @sanity_function
    def all_ran_and_verified(self):
        return sn.all([sn.assert_found(COMPLETE, METRICS),
                       sn.assert_not_found(FAILED, METRICS)])

    @run_before('performance')
    def name_figures(self):
        self.perf_variables = {}
        groups = ('benchmark', 'params', 'figure', 'value')
        for found in sn.evaluate(sn.extractall(FIGURE, METRICS, groups)):
            benchmark, params, figure, value = found
            name = '_'.join(filter(None, (benchmark, params, figure)))
            unit = figure.split('_', 1)[1]
            self.perf_variables[name] = sn.make_performance_function(
                sn.defer(float(value)), unit)
