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
PROGRAM = ROOT / 'examples' / 'venv.cpp'


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
    """The program as the README's command makes it (static), and otherwise."""
    program = build(folder / 'program.o', '-c', PROGRAM)
    return {'static': build(folder / 'venv', program, '-static'),
            'static, stripped': build(folder / 'venv-static-stripped', program, '-static', '-s'),
            'dynamic': build(folder / 'venv-dynamic', program),
            'dynamic, stripped': build(folder / 'venv-dynamic-stripped', program, '-s')}


def installed(program, folder):
    """A copy of a program: as an installer wrote those that it is measured against. What a linker wrote
    lies in the page cache in smaller pieces, and starts slower (0.72 ms, and 0.59)."""
    (folder / 'installed').mkdir(exist_ok=True)
    return Path(shutil.copy(program, folder / 'installed' / program.name))


def program_to_measure(given, folder):
    """The one that was given, else the static one."""
    return installed(given.resolve() if given else build_programs(folder)['static'], folder)


UNITS = {'nothing': '', '<filesystem>': '#include <filesystem>\n',
         'declarations only': '#define VENV_HEADER_ONLY 0\n#include "venv.hpp"\n',
         'default': '#include "venv.hpp"\n'}


def compile_times(place, folder, quick):
    """Seconds to compile a translation unit that only includes, by unit and compiler mode, in turn,
    medians; and to build the program, once. `quick`: only what is fast, once."""
    commands = {}
    for name, text in UNITS.items():
        source = folder / f'unit{len(commands)}.cpp'
        source.write_text(text + 'int main() {}\n')
        base = [compiler(), STANDARD, f'-I{ROOT}', source]
        commands[f'{name}, -fsyntax-only'] = [*base, '-O0', '-fsyntax-only']
        if not quick:
            commands[f'{name}, -O0 -c'] = [*base, '-O0', '-c', '-o', folder / 'unit.o']
    times = {name: [] for name in commands}
    for _ in range(1 if quick else 3):
        for name, command in commands.items():
            times[name].append(place.run(command) / 1e3)
    if not quick:
        command = [compiler(), STANDARD, '-O2', '-static', f'-I{ROOT}', PROGRAM, '-o', folder / 'timed']
        times['the program, -O2'] = [place.run(command) / 1e3]
    return {name: statistics.median(values) for name, values in times.items()}


def inflate(folder, wheel, seconds):
    """Megabytes a second by bench/inflate.cpp: {"venv.hpp": ..., "zlib": ..., "libdeflate": ...}."""
    source = ROOT / 'bench' / 'inflate.cpp'
    if not wheel:
        raise Failed('there is no wheel to take')
    program = build(folder / 'inflate', f'-I{ROOT / "src"}', source, '-lz', '-ldeflate')
    done = subprocess.run([program, wheel, str(seconds)], check=True, stdout=subprocess.PIPE, text=True)
    figures = re.findall(r'^(\S+)\s+([\d.]+) MB/s', done.stdout, re.MULTILINE)
    return {name: float(figure) for name, figure in figures}
