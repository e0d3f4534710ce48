"""What the header and the program cost: to compile, in size, and inflate's throughput."""

import os
import re
import shutil
import statistics
import subprocess
from pathlib import Path

from place import Failed

ROOT = Path(__file__).resolve().parent.parent
STANDARD = '-std=c++17'


def compiler():
    name = os.environ.get('CXX', 'g++')
    found = shutil.which(name)
    if not found:
        raise SystemExit(f'bench: no compiler {name}')
    return found


def build(output, *arguments):
    command = [compiler(), STANDARD, '-O2', f'-I{ROOT}', *map(str, arguments), '-o', str(output), '-pthread']
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode:
        errors = [line for line in done.stdout.splitlines() if 'error' in line] or ['no message']
        raise Failed(f'{output.name} does not build: {errors[0]}')
    return output


def build_driver(folder):
    return build(folder / 'measure', ROOT / 'bench' / 'measure.cpp', '-static')


def build_programs(folder):
    """The program as one command makes it, the same stripped, and static and stripped."""
    source = ROOT / 'examples' / 'venv.cpp'
    program = folder / 'program.o'
    build(program, '-c', source)
    return {'plain': build(folder / 'venv', program),
            'stripped': build(folder / 'venv-stripped', program, '-s'),
            'static': build(folder / 'venv-static', program, '-s', '-static')}


UNITS = {'nothing': '', '<filesystem>': '#include <filesystem>\n',
         'declarations only': '#define VENV_HEADER_ONLY 0\n#include "venv.hpp"\n',
         'default': '#include "venv.hpp"\n'}


def compile_times(place, folder, runs, program=True):
    """Seconds to compile a translation unit that only includes, by unit and compiler mode, and to
    build the program; in turn, medians."""
    commands = {}
    for name, text in UNITS.items():
        source = folder / f'unit{len(commands)}.cpp'
        source.write_text(text + 'int main() {}\n')
        base = [compiler(), STANDARD, f'-I{ROOT}', source]
        commands[f'{name}, -fsyntax-only'] = [*base, '-O0', '-fsyntax-only']
        commands[f'{name}, -O0 -c'] = [*base, '-O0', '-c', '-o', folder / 'unit.o']
    if program:
        commands['the program, -O2'] = [compiler(), STANDARD, '-O2', f'-I{ROOT}', ROOT / 'examples' / 'venv.cpp',
                                        '-o', folder / 'timed', '-pthread']
    times = {name: [] for name in commands}
    for _ in range(runs):
        for name, command in commands.items():
            times[name].append(place.run(command) / 1e3)
    return {name: statistics.median(values) for name, values in times.items()}


def inflate(folder, wheel, seconds):
    """Megabytes a second by bench/inflate.cpp: {"venv.hpp": ..., "zlib": ..., "libdeflate": ...}."""
    source = ROOT / 'bench' / 'inflate.cpp'
    if not source.exists():
        raise Failed('bench/inflate.cpp is not there')
    program = build(folder / 'inflate', f'-I{ROOT / "src"}', source, '-lz', '-ldeflate')
    done = subprocess.run([program, wheel, str(seconds)], check=True, stdout=subprocess.PIPE, text=True)
    figures = re.findall(r'^(\S+)\s+([\d.]+) MB/s', done.stdout, re.MULTILINE)
    return {name: float(figure) for name, figure in figures}
