"""Downloads wheels that people use most and compares what the library makes of them with what pip makes:

    python3 tests/pip/compare_wheels.py --folder ~/wheels
    python3 tests/pip/compare_wheels.py --folder ~/wheels numpy black
    python3 tests/pip/compare_wheels.py --folder ~/wheels-3.8 --python python3.8 --few

Several are installed at a time, as one start of pip takes longer than most wheels; those that differ then
are compared one by one. Needs an index of packages, a Python that has pip (the newest, where none is named),
and the program of the tests. The folder is kept: what is there is not downloaded again. Exit code 0 when all are the same."""

import argparse
import os
import pathlib
import subprocess
import sys
import tempfile

here = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [path for path in (str(here), str(here.parent)) if path not in sys.path]

from support import newest                    # noqa: E402
from support_native import FEW, MANY, Both, normal  # noqa: E402


def found_in(folder):
    return {normal(path.name.split('-')[0]): path for path in sorted(folder.glob('*.whl'))}


def download(python, folder, names):
    """Those that the index has no wheel of are left out."""
    folder.mkdir(parents=True, exist_ok=True)
    command = [python, '-m', 'pip', 'download', '-q', '--no-deps', '--only-binary', ':all:', '-d', folder]
    for at in range(0, len(names), 20):
        several = names[at:at + 20]
        if subprocess.run([*command, *several], stderr=subprocess.DEVNULL).returncode:
            for name in several:
                subprocess.run([*command, name], stderr=subprocess.DEVNULL)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--folder', required=True, type=pathlib.Path)
    parser.add_argument('--batch', type=int, default=10)
    parser.add_argument('--python')
    parser.add_argument('--few', action='store_const', const=FEW, default=MANY, help='a tenth of them')
    parser.add_argument('names', nargs='*')
    options = parser.parse_args()
    options.names = options.names or options.few
    folder, python = options.folder.resolve(), options.python or newest().path
    there = found_in(folder)
    download(python, folder, [name for name in options.names if normal(name) not in there])
    there = found_in(folder)
    wheels = [there[normal(name)] for name in dict.fromkeys(options.names) if normal(name) in there]
    wrong = []
    with tempfile.TemporaryDirectory(prefix='venv-wheels-') as tmp:
        both = Both(python, pathlib.Path(tmp), {**os.environ, 'PIP_DISABLE_PIP_VERSION_CHECK': '1'})
        batches = [wheels[at:at + options.batch] for at in range(0, len(wheels), options.batch)]
        for batch in batches:
            try:
                found = both.compare_all(batch, folder)
            except AssertionError as error:
                found = [str(error)]
            for wheel in batch if found else ():
                try:
                    alone = both.compare_all([wheel], folder)
                except AssertionError as error:
                    alone = [str(error)]
                if alone:
                    wrong.append(wheel.name)
                    print(wheel.name, *alone, sep='\n    ', flush=True)
            print('%d of %d compared' % (sum(map(len, batches[:batches.index(batch) + 1])), len(wheels)), flush=True)
    print('%d wheels compared, %d of %d names without one, %d differ'
          % (len(wheels), len(options.names) - len(wheels), len(options.names), len(wrong)))
    sys.exit(1 if wrong or not wheels else 0)


if __name__ == '__main__':
    main()
