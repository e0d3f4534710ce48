"""Measures making environments: python -m venv, virtualenv, uv venv and ours, side by side.

One command: it builds the program, installs what it is compared with into a scratch environment,
measures all in turn (A B C A B C ..., so that what else the machine does meets each of them) on a
disk and on tmpfs, prints tables, and writes bench.json, bench.md and bench.svg. Whole processes,
medians; each environment at a fresh path, deleted at the very end.
"""

import argparse
import base64
import hashlib
import json
import os
import platform
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

import cases
import costs
import report
from place import Failed, Place, file_system

ROOT = Path(__file__).resolve().parent.parent
REQUIREMENTS = ROOT / 'bench' / 'requirements.txt'


def say(text):
    print(text, file=sys.stderr, flush=True)


def parse_arguments():
    parser = argparse.ArgumentParser(prog='bench/run', description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--quick', action='store_true',
                        help='a smoke test: one run each, nothing from the package index, no tmpfs, no picture')
    parser.add_argument('--python', default='python3.13', help='the base interpreter (default: %(default)s)')
    parser.add_argument('--disk', type=Path, help='where to measure (default: beside the checkout, else /var/tmp)')
    parser.add_argument('--tmpfs', type=Path, default=Path('/dev/shm'), help='a tmpfs (default: %(default)s)')
    parser.add_argument('--runs', type=int, default=25, help='at most so many runs each (default: %(default)s)')
    parser.add_argument('--seconds', type=float, default=4,
                        help='about so long for each row, with 3 runs or more (default: %(default)s)')
    parser.add_argument('--many', type=int, default=100, help='how many are many environments (default: %(default)s)')
    parser.add_argument('--program', type=Path, help='a built program to measure instead of one built here')
    parser.add_argument('--output', type=Path,
                        help='folder of bench.json, bench.md, bench.svg (default: docs; with --quick: nowhere)')
    options = parser.parse_args()
    if options.quick:
        options.runs, options.many, options.seconds = 1, min(options.many, 2), 0
    elif not options.output:
        options.output = ROOT / 'docs'
    return options


# ---- what is compared ----------------------------------------------------------------------------

def base_python(request):
    """The real executable behind `request` (a name may be a version manager's script), its version,
    the wheels that it bundles."""
    question = 'import sys, os; print(os.path.join(sys.base_prefix, "bin", "python%d.%d" % sys.version_info[:2]));' \
               'print("%d.%d.%d" % sys.version_info[:3]); import ensurepip; print(os.path.dirname(ensurepip.__file__))'
    versions = Path(os.environ.get('PYENV_ROOT', Path.home() / '.pyenv')) / 'versions'
    for candidate in [request, *sorted(versions.glob(f'*/bin/{request}'))]:
        if shutil.which(candidate):
            lines = subprocess.run([candidate, '-c', question], stdout=subprocess.PIPE,
                                   stderr=subprocess.DEVNULL, text=True).stdout.splitlines()
            if lines:
                break
    else:
        raise SystemExit(f'bench: no {request} that runs; name one with --python')
    bundled = sorted(Path(lines[2]).glob('_bundled/pip-*.whl')) if len(lines) > 2 else []
    debian = sorted(Path('/usr/share/python-wheels').glob('pip-*.whl'))
    return lines[0], lines[1], (bundled or debian or [None])[-1]


def install_tools(python, folder, missing):
    """Installs the requirements into a scratch environment, one by one so that one that can't be had
    does not take the others with it; returns its bin/."""
    subprocess.run([python, '-m', 'venv', folder], check=True)
    lines = [line for line in REQUIREMENTS.read_text().splitlines() if line and not line.startswith('#')]
    for requirement in lines:
        done = subprocess.run([folder / 'bin' / 'pip', 'install', '--quiet', requirement], text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if done.returncode:
            said = [line for line in done.stdout.splitlines() if line.startswith('ERROR')] or ['no message']
            missing[requirement] = said[-1]
    return folder / 'bin'


def make_wheel(folder):
    """A wheel of one module, which the first `pip install` is for."""
    info = 'x-1.0.dist-info'
    files = {'x.py': '', f'{info}/METADATA': 'Metadata-Version: 2.1\nName: x\nVersion: 1.0\n',
             f'{info}/WHEEL': 'Wheel-Version: 1.0\nGenerator: bench\nRoot-Is-Purelib: true\nTag: py3-none-any\n'}

    def record(name, text):
        digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b'=').decode()
        return f'{name},sha256={digest},{len(text)}\n'
    files[f'{info}/RECORD'] = ''.join(record(*file) for file in files.items()) + f'{info}/RECORD,,\n'
    wheel = folder / 'x-1.0-py3-none-any.whl'
    with zipfile.ZipFile(wheel, 'w') as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return wheel


def program_of(programs):
    return programs.get('given') or programs['static']


def known_options(program):
    text = subprocess.run([program, '--help'], stdout=subprocess.PIPE, text=True, check=True).stdout
    return set(re.findall(r'--[a-z-]+', text))


# ---- measuring -----------------------------------------------------------------------------------

def about(case):
    return {'tool': case.tool, 'group': case.group, 'memory': case.memory, 'label': case.label}


class Measurement:
    """All cases at one place."""

    def __init__(self, place, wheel, options, seconds):
        self.place, self.wheel, self.options, self.seconds = place, wheel, options, seconds
        self.figures, self.unavailable, self.estimates = {}, {}, {}

    def warm_up(self, case, known):
        """The first run: not counted, fills what is remembered, is looked through."""
        missing = [option for option in case.needs if option not in known]
        if case.tool == cases.OURS and missing:
            self.unavailable[case.key] = {**about(case), 'why': f'this program does not know {", ".join(missing)} yet'}
            return
        try:
            took, env_dir = cases.run(case, self.place, self.wheel)
            content = cases.inspect(case, env_dir)
            if case.memory == 'warm' and not self.options.quick:
                took, _ = cases.run(case, self.place, self.wheel)
            self.estimates[case.key] = took
        except Failed as failure:
            self.unavailable[case.key] = {**about(case), 'why': str(failure), 'failed': True}
            return
        self.figures[case.key] = {**about(case), **content, 'ms': []}
        remembered = self.place.root / 'cache' / 'venv.hpp'
        if case.tool == cases.OURS and case.memory == 'warm' and not remembered.exists():
            self.figures[case.key]['note'] = 'this program remembers nothing yet'

    def measure(self, cases_, known):
        for case in cases_:
            self.warm_up(case, known)
        left = [case for case in cases_ if case.key in self.figures]
        runs = {case.key: self.runs_of(case) for case in left}
        rounds = max(runs.values(), default=0)
        for turn in range(rounds):
            os.sync()
            for case in left:   # a slow one is spread over all turns
                share = runs[case.key]
                if turn * share // rounds != (turn + 1) * share // rounds:
                    took, _ = cases.run(case, self.place, self.wheel)
                    self.figures[case.key]['ms'].append(took)

    def runs_of(self, case):
        fit = int(self.seconds * 1e3 / self.estimates[case.key])
        return min(self.options.runs, max(3, fit))

    def count_of(self, case):
        seconds = self.seconds / 2 if case.memory == 'cold' else self.seconds * 2
        return min(self.options.many, max(3, int(seconds * 1e3 / self.estimates[case.key])))

    def measure_many(self, cases_):
        """Milliseconds for each of many environments, from sequential processes of each tool in turn;
        a slow tool makes fewer, and how many is told; cold ones have a new cache each. Ours also by one
        process for all."""
        many = self.options.many
        measured = [case for case in cases_ if case.many and case.key in self.figures]
        counts = {case.key: self.count_of(case) for case in measured}
        result = {case.key: {**about(case), 'count': counts[case.key], 'total': 0.0} for case in measured}
        for turn in range(10):
            os.sync()
            for case in measured:
                share = counts[case.key]
                part = (turn + 1) * share // 10 - turn * share // 10
                if part:
                    result[case.key]['total'] += cases.run(case, self.place, self.wheel, part)[0]
        for case in measured:
            if case.tool == cases.OURS:
                os.sync()
                took, _ = cases.run(case, self.place, self.wheel, many, together=True)
                result[f'{case.key} together'] = {**about(case), 'label': f'{case.label} (one process)',
                                                  'count': many, 'total': took}
        return result

    def measure_memory(self, cases_):
        """Peak memory of our process in KiB, the most of up to three runs."""
        peaks = {}
        for case in cases_:
            if case.tool == cases.OURS and case.key in self.figures and case.group != cases.FIRST_INSTALL:
                samples = []
                for _ in range(min(3, self.options.runs)):
                    command, extra = case.command([self.place.fresh()], self.place)
                    samples.append(self.place.run(command, extra, memory=True))
                peaks[case.key] = {**about(case), 'anonymous': max(s[0] for s in samples),
                                   'all': max(s[1] for s in samples)}
        return peaks


def machine(places):
    model = re.search(r'model name\s*:\s*(.*)', Path('/proc/cpuinfo').read_text())
    return {'cpu': model.group(1) if model else platform.machine(), 'processors': os.cpu_count(),
            'system': f'{platform.system()} {platform.release()}', 'load': os.getloadavg()[0],
            'places': {name: place.type for name, place in places.items()}}


def choose_disk(given):
    if given:
        given.mkdir(parents=True, exist_ok=True)
        return given
    return ROOT.parent if os.access(ROOT.parent, os.W_OK) else Path('/var/tmp')


def choose_places(options, missing):
    memory = options.tmpfs if options.tmpfs.is_dir() and file_system(options.tmpfs) == 'tmpfs' else None
    places = {'disk': Place(choose_disk(options.disk), temporary=memory)}
    if places['disk'].type == 'tmpfs':
        say('bench: the disk is a tmpfs')
    if not options.quick:
        if memory:
            places['tmpfs'] = Place(memory)
        else:
            missing['tmpfs'] = f'{options.tmpfs} is none'
    return places


def compared_cases(options, python, bundled, tools, programs, missing):
    compared = cases.python_cases(python)
    if tools and (tools / 'virtualenv').exists():
        compared += cases.virtualenv_cases(tools / 'virtualenv')
    if tools and (tools / 'uv').exists():
        compared += cases.uv_cases(tools / 'uv', python)
    compared += cases.our_cases(program_of(programs), python, programs.get('dynamic'))
    if not bundled:
        missing['environments with pip'] = 'the base interpreter bundles none'
    return [case for case in compared if bundled or case.group == cases.WITHOUT_PIP]


def measure_costs(options, scratch, place, programs, bundled, missing):
    result = {'size': {name: program.stat().st_size for name, program in programs.items()}}
    result['compile'] = costs.compile_times(place, scratch, options.quick)
    try:
        result['inflate'] = costs.inflate(scratch, bundled, 0 if options.quick else 3)
    except (Failed, subprocess.CalledProcessError) as failure:
        missing['inflate throughput'] = str(failure)
    return result


def measure_all(options, scratch, places, missing):
    python, version, bundled = base_python(options.python)
    for place in places.values():
        place.driver = costs.build_driver(scratch)
    say('build the program, install the competitors')
    programs = {'given': options.program.resolve()} if options.program else costs.build_programs(scratch)
    programs = {kind: costs.installed(program, scratch) for kind, program in programs.items()}
    tools = None if options.quick else install_tools(python, scratch / 'tools', missing)
    if options.quick:
        missing['virtualenv, uv'] = 'left out by --quick'
    results = {'machine': machine(places), 'python': version, 'pip': bundled and bundled.name.split('-')[1],
               'date': time.strftime('%Y-%m-%d'), 'quick': options.quick,
               'versions': [] if options.quick else REQUIREMENTS.read_text().split('\n')[1:3], 'places': {}}
    wheel = make_wheel(scratch)
    compared = compared_cases(options, python, bundled, tools, programs, missing)
    known = known_options(program_of(programs))
    for name, place in places.items():
        say(f'measure on {name} ({place.type}, {place.root.parent})')
        # tmpfs is there to tell the disk's part; half as long is enough.
        measurement = Measurement(place, wheel, options, options.seconds / (1 if name == 'disk' else 2))
        measurement.measure(compared, known)
        results['places'][name] = {'single': measurement.figures, 'unavailable': measurement.unavailable,
                                   'many': measurement.measure_many(compared)}
        if name == 'disk':
            results['memory'] = measurement.measure_memory(compared)
        else:
            place.remove()
    say('measure the costs of the header')
    results['costs'] = measure_costs(options, scratch, places['disk'], programs, bundled, missing)
    results['missing'] = missing
    return results, tools


def write_results(options, results, text, tools):
    options.output.mkdir(parents=True, exist_ok=True)
    (options.output / 'bench.json').write_text(json.dumps(results, indent=1) + '\n')
    (options.output / 'bench.md').write_text(text)
    if not tools or any(name.startswith('matplotlib') for name in results['missing']):
        return say('bench: no picture: matplotlib is not there')
    subprocess.run([tools / 'python', '-B', ROOT / 'bench' / 'picture.py', options.output / 'bench.json',
                    options.output / 'bench.svg'], check=True)


def main():
    options = parse_arguments()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):   # what was made goes even so
        signal.signal(number, lambda number, _: sys.exit(128 + number))
    missing, started = {}, time.monotonic()
    scratch = Path(tempfile.mkdtemp(prefix='venv-bench-'))
    places = choose_places(options, missing)
    try:
        results, tools = measure_all(options, scratch, places, missing)
        text = report.markdown(results)
        print(text, end='')
        if options.output:
            write_results(options, results, text, tools)
        say(f'took {time.monotonic() - started:.0f} s; now deleting what was made')
        return report.failures(results)
    finally:
        for place in places.values():
            place.remove()
        shutil.rmtree(scratch, ignore_errors=True)


if __name__ == '__main__':
    sys.exit(main())
