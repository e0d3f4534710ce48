"""What is measured: each case is one command of one tool, under one state of its memory."""

from dataclasses import dataclass, field
from typing import Callable

from place import Failed

WITH_PIP, WITHOUT_PIP, FIRST_INSTALL = 'with pip', 'without pip', 'up to the end of a first pip install'
GROUPS = [WITH_PIP, WITHOUT_PIP, FIRST_INSTALL]
OURS = 'venv'


@dataclass
class Case:
    tool: str
    group: str
    memory: str               # "warm", "cold", or "" where nothing is remembered
    command: Callable         # (env_dirs, place) -> [the command, variables that it needs]
    variant: str = ''
    label: str = ''           # the command as a reader would type it
    many: bool = False        # also measured for many environments
    needs: list = field(default_factory=list)   # options that our program must know

    @property
    def key(self):
        return ' '.join(part for part in (self.tool, self.group, self.variant, self.memory) if part)


def python_cases(python):
    def make(*options):
        return lambda dirs, place: ([python, '-m', 'venv', *options, *dirs], {})
    name = 'python -m venv'
    return [Case('python', WITH_PIP, '', make(), label=name, many=True),
            Case('python', WITHOUT_PIP, '', make('--without-pip'), label=f'{name} --without-pip', many=True),
            Case('python', FIRST_INSTALL, '', make(), label=name)]


def virtualenv_cases(program):
    def make(*options, cold=False):
        def command(dirs, place):
            memory = ['--app-data', place.fresh()] if cold else []
            return [program, '--quiet', *options, *memory, *dirs], {}
        return command
    name = 'virtualenv'
    return [Case(name, WITH_PIP, 'warm', make(), label=name, many=True),
            Case(name, WITH_PIP, 'cold', make(cold=True), label=f'{name} --app-data NEW', many=True),
            Case(name, WITHOUT_PIP, 'warm', make('--without-pip'), label=f'{name} --without-pip', many=True),
            Case(name, WITHOUT_PIP, 'cold', make('--without-pip', cold=True),
                 label=f'{name} --without-pip --app-data NEW', many=True),
            Case(name, FIRST_INSTALL, 'warm', make(), label=name)]


def uv_cases(program, python):
    def case(group, memory, options, variant='', many=False):
        def command(dirs, place):
            return [program, 'venv', '--quiet', '--python', python, *options, *dirs], {}
        return Case('uv', group, memory, command, variant, ' '.join(['uv venv', *options]), many)
    # The index is asked once a run unless --offline is given: a network's time, not uv's own.
    return [case(WITH_PIP, 'warm', ['--seed'], 'asks the index'),
            case(WITH_PIP, 'warm', ['--seed', '--offline'], many=True),
            case(WITH_PIP, 'warm', ['--seed', '--offline', '--link-mode', 'copy'], 'copy', many=True),
            case(WITH_PIP, 'cold', ['--seed', '--no-cache'], 'downloads'),
            case(WITHOUT_PIP, 'warm', [], many=True),
            case(WITHOUT_PIP, 'cold', ['--no-cache'], many=True),
            case(FIRST_INSTALL, 'warm', ['--seed', '--offline']),
            case(FIRST_INSTALL, 'warm', ['--seed', '--offline', '--link-mode', 'copy'], 'copy')]


def our_cases(program, python, dynamic=None):
    def case(group, memory, options, variant='', fresh=False, many=False, binary=program):
        def command(dirs, place):
            extra = {'XDG_CACHE_HOME': str(place.fresh())} if fresh else {}
            return [binary, '--python', python, *options, *dirs], extra
        needs = [o for o in options if o != '--without-pip'] + (['--no-cache'] if fresh else [])
        label = ' '.join(['venv', *options]) + (' (new cache)' if fresh else '')
        return Case(OURS, group, memory, command, variant, label, many, needs)
    bare, uncompiled, forget = '--without-pip', '--no-compile-bytecode', '--no-cache'
    cases = [case(WITH_PIP, 'warm', [], many=True),
             case(WITH_PIP, 'warm', [uncompiled], 'uncompiled', many=True),
             case(WITH_PIP, 'cold', [forget]),
             case(WITH_PIP, 'cold', [], 'new cache', fresh=True, many=True),
             case(WITH_PIP, 'cold', [uncompiled, forget], 'uncompiled'),
             case(WITH_PIP, 'cold', [uncompiled], 'uncompiled new cache', fresh=True),
             case(WITHOUT_PIP, 'warm', [bare], many=True),
             case(WITHOUT_PIP, 'cold', [bare, forget]),
             case(WITHOUT_PIP, 'cold', [bare], 'new cache', fresh=True, many=True),
             case(FIRST_INSTALL, 'warm', []),
             case(FIRST_INSTALL, 'warm', [uncompiled], 'uncompiled')]
    if dynamic:
        cases.append(case(WITHOUT_PIP, 'warm', [bare], 'dynamic', binary=dynamic))
        cases[-1].label += ' (dynamically linked)'
    return cases


def run(case, place, wheel, count=1, together=False):
    """Makes `count` environments by `case` and returns the milliseconds of all, and the last one's
    path; by one process if `together`."""
    dirs = [place.fresh() for _ in range(count)]
    took = 0.0
    for group in [dirs] if together else [[d] for d in dirs]:
        command, extra = case.command(group, place)
        took += place.run(command, extra)
        if case.group == FIRST_INSTALL:
            took += place.run([group[0] / 'bin' / 'pip', 'install', '--quiet', '--no-index', wheel])
    return took, dirs[-1]


def inspect(case, env_dir):
    """What an environment holds: its files, and how many of them are bytecode; refuses one that is
    not what `case` promises."""
    if not (env_dir / 'bin' / 'python').exists():
        raise Failed(f'{case.label} left no interpreter')
    pip = list(env_dir.glob('lib/python*/site-packages/pip/__init__.py'))
    if bool(pip) != (case.group != WITHOUT_PIP):
        raise Failed(f'{case.label} left {"a" if pip else "no"} pip')
    files = [path for path in env_dir.rglob('*') if path.is_file() and not path.is_symlink()]
    return {'files': len(files), 'bytecode': sum(path.suffix == '.pyc' for path in files)}
