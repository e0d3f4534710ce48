"""Measures `ensure` when nothing has to be done: a call in a process that goes on, and the whole program, against
/bin/true, `python -m venv --without-pip` and `uv pip sync`, in turn (A B C A B C ...). Prints the table with what
must hold, and writes bench-ensure.md with --output.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import costs
import main
import report
from place import Failed, Place

NESTED = 10
CALL, CALL_NESTED = 'a call', 'a call, ten nested requirements files'
PROGRAM, PROGRAM_NESTED = 'the program', 'the program, ten nested requirements files'
TRUE, PYTHON, UV = '/bin/true', '`python -m venv --without-pip`', '`uv pip sync` of the same'


def parse_arguments():
    parser = argparse.ArgumentParser(prog='bench/run ensure', description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--quick', action='store_true', help='a smoke test: a few runs, without uv')
    parser.add_argument('--python', default='python3.13', help='the base interpreter (default: %(default)s)')
    parser.add_argument('--place', type=Path, help='where to measure (default: beside the checkout, else /var/tmp)')
    parser.add_argument('--runs', type=int, default=100, help='how many runs each (default: %(default)s)')
    parser.add_argument('--calls', type=int, default=10000, help='how many calls (default: %(default)s)')
    parser.add_argument('--program', type=Path, help='a built program to measure instead of one built here')
    parser.add_argument('--functions', type=Path,
                        help='an object file with the functions (VENV_HEADER_ONLY=0) instead of one built here')
    parser.add_argument('--output', type=Path, help='folder of bench-ensure.md')
    options = parser.parse_args()
    if options.quick:
        options.runs, options.calls = 2, 20
    return options


def nested_requirements(folder):
    """A file that names another one, and so on; the last one names the package."""
    for number in range(NESTED):
        text = 'x>=1\n' if number == NESTED - 1 else '-r nested-%d.txt\n' % (number + 1)
        (folder / ('nested-%d.txt' % number)).write_text(text)
    return folder / 'nested-0.txt'


def build_caller(options, folder):
    more = ['-DVENV_HEADER_ONLY=0', options.functions] if options.functions else []
    return costs.build(folder / 'ensure', *more, main.ROOT / 'bench' / 'ensure.cpp')


def calls(place, caller, arguments):
    """Microseconds of each call."""
    done = subprocess.run([str(word) for word in (caller, *arguments)], env=place.environment, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if done.returncode:
        raise Failed('bench/ensure.cpp: ' + done.stderr.strip())
    return [float(line) / 1e3 for line in done.stdout.split()]


def measure(options, place, folder, missing):
    """{what: [milliseconds]}"""
    python, _, _ = main.base_python(options.python)
    program = costs.program_to_measure(options.program, folder)
    caller = build_caller(options, folder)
    place.driver = costs.build_driver(folder)
    tools = None
    if options.quick:
        missing[UV] = 'left out by --quick'
    else:
        tools = main.install_tools(python, folder / 'tools', missing)
    main.make_wheel(folder)
    requirements = nested_requirements(folder)
    plain, nested = place.fresh(), place.fresh()
    ours = [program, '--ensure', '--without-pip', '--python', python]
    wanted = ['-r', requirements, '--wheel-dir', folder, '--offline']
    commands = {PROGRAM: [*ours, plain], PROGRAM_NESTED: [*ours, *wanted, nested], TRUE: ['/bin/true'],
                PYTHON: [python, '-m', 'venv', '--without-pip', place.fresh()]}
    if tools and (tools / 'uv').exists():
        commands[UV] = [tools / 'uv', 'pip', 'sync', '--quiet', '--offline', '--no-index', '--find-links', folder,
                        '--python', nested / 'bin' / 'python', requirements]
    for command in commands.values(): # what there is to do is done now
        place.run(command)
    took = {what: [] for what in commands}
    for _ in range(options.runs):
        for what, command in commands.items():
            took[what].append(place.run(command))
    took[CALL] = calls(place, caller, [plain, python, options.calls])
    took[CALL_NESTED] = calls(place, caller, [nested, python, options.calls, requirements, folder])
    return took


def markdown(took, missing):
    middle = {what: statistics.median(values) for what, values in took.items()}
    limit = 1.5 * middle[TRUE] + 1
    rows = []

    def must(what, limit, text):
        rows.append(report.check(what, '%.3f ms' % middle[what], text, middle[what] <= limit))
    must(CALL, 0.2, '0.2 ms at most')
    must(CALL_NESTED, 1, '1 ms at most')
    must(PROGRAM, limit, '%.2f ms at most (1.5 times /bin/true, and 1 ms)' % limit)
    for ours, other in ((PROGRAM, PYTHON), (PROGRAM_NESTED, UV)):
        what = '%s, against %s' % (ours, other)
        if other in middle:
            times = middle[other] / middle[ours]
            rows.append(report.check(what, '%s times' % report.number(times), '20 times', times >= 20))
        else:
            rows.append([what, '20 times', '', 'not measured: ' + missing.get(other, 'there is none')])
    text = '# Nothing to do\n\nMeasured by `bench/run ensure`; medians.\n\n## What must hold\n\n'
    text += report.table(['', 'limit', 'measured', ''], rows) + '## Milliseconds\n\n'
    return text + report.table(['', 'median', 'least', 'runs'], [
        [what, '%.3f' % middle[what], '%.3f' % min(values), str(len(values))] for what, values in took.items()])


def measure_and_print():
    options, missing = parse_arguments(), {}
    folder = Path(tempfile.mkdtemp(prefix='venv-bench-'))
    place = Place(main.choose_disk(options.place))
    try:
        text = markdown(measure(options, place, folder, missing), missing)
        text += 'Load at the end: %.1f, on %d processors.\n' % (os.getloadavg()[0], os.cpu_count())
        print(text, end='')
        if options.output:
            (options.output / 'bench-ensure.md').write_text(text)
    finally:
        place.remove()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == '__main__':
    sys.exit(measure_and_print())
