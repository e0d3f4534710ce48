"""A logging builder writes each hook's call, with all that the manual says of that moment: the
context's attributes, what lies in the environment, which one its Python finds itself in, whether pip
runs. The one in Python and the one in C++ write the same but for what docs/hooks.md lists."""

import json
import os
import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.append(str(HERE.parent / 'compare'))

from machine import BUILD, need, pythons, run, wipe  # noqa: E402
from support import Case, environment, same_but_for_allowed  # noqa: E402

LOGGER = pathlib.Path(os.environ.get('VENV_HOOKS_LOGGER') or BUILD / 'bin' / 'hooks_logger')
OBSERVER = '\n'.join((sys.executable, '-I', '-S', '-B', str(HERE / 'observe.py')))

# The versions that a difference could be owed to.
MINORS = (9, 11, 13, 14, 15, 16)

# What docs/hooks.md lists: attributes that are there though the base's own venv hasn't them (then), one
# that isn't, and where a run writes down what it changes.
MORE_ATTRIBUTES = {'cfg_path', 'lib_path', 'platlib_path'}
LEFT_OUT = 'script_path'
JOURNAL = '.venv.hpp-journal'

# What is there before, the builder's options, and whether pip makes a difference.
CASES = {
    'new': (None, (), True),
    'in an empty directory': ((), (), False),
    're-used': (('--without-pip',), (), True),
    'cleared': (('--without-pip',), ('--clear',), True),
    'upgraded': (('--without-pip',), ('--upgrade',), True),
    'with copies': (None, ('--copies',), False),
    'with the base\'s packages': (None, ('--system-site-packages', '--upgrade-deps'), False),
}


class Log(Case):
    prefix = 'it is ünüsual '  # the reference's bin/pip can't live where there are quotes

    def log_of(self, command, python, env_dir, options, before):
        """The events that a builder writes."""
        wipe(env_dir)
        if before == ():
            env_dir.mkdir()
        elif before:
            self.reference(python, *before, env_dir)
            (env_dir / 'mine').write_text('mine\n')
        log = self.tmp / 'log'
        for path in (log, self.tmp / 'log.last'):
            wipe(path)
        result = run([*command, OBSERVER, log, env_dir, *options], env=environment(), timeout=600)
        self.assertEqual((result.code, result.err), (0, ''), str(result))
        return [json.loads(line) for line in log.read_text('utf-8').splitlines()]

    def compare_logs(self, python, *given, before=None):
        need(LOGGER.exists(), '%s (cmake --build --target hooks_logger)' % LOGGER)
        options = [option for option in given if option != '--copies']
        options += [] if '--copies' in given else ['--symlinks']
        env_dir = self.tmp / 'an environment'
        reference = self.log_of([python.path, '-B', HERE / 'logger.py'], python, env_dir, options, before)
        ours = self.log_of([LOGGER, python.path], python, env_dir, options, before)
        wipe(env_dir)
        calls = [[(event['hook'], event['when']) for event in log] for log in (reference, ours)]
        self.assertEqual(calls[1], calls[0])
        self.assertGreaterEqual(len(calls[0]), 8)
        for event, our in zip(reference, ours):
            with self.subTest(python=str(python), given=given, hook=event['hook'], when=event['when']):
                self.compare_events(python, event, our)

    def compare_events(self, python, event, our):
        is_half = event['hook'] == 'symlink_or_copy'  # only then the reference lets copies be run
        if not is_half or event['prefix']:
            self.assertEqual(our['prefix'], event['prefix'])
        self.assertEqual(our['pip'], event['pip'])
        attributes = dict(event['attributes'])
        if python.version < (3, 13) and 'prompt' in attributes:
            attributes['prompt'] = re.sub(r'^\((.*)\) $', r'\1', attributes['prompt'])
        attributes.pop(LEFT_OUT, None)
        ours = dict(our['attributes'])
        for name in MORE_ATTRIBUTES:
            if name not in attributes:
                ours.pop(name, None)
        self.assertEqual(ours, attributes)
        tree, our_tree = same_but_for_allowed(event['tree'], our['tree'], python.version)
        our_tree = {path: what for path, what in our_tree.items() if path.split('/')[0] != JOURNAL}
        for one in (tree, our_tree):  # compared by its text
            if 'pyvenv.cfg' in one:
                one['pyvenv.cfg'] = one['pyvenv.cfg'].rsplit(' ', 1)[0]
        if is_half:
            for one in (tree, our_tree):
                one.update({path: 'a file' for path, what in one.items()
                            if path.startswith(('bin/python', 'bin/𝜋thon')) and ' file ' in what})
        differ = {path: (our_tree.get(path, 'nothing'), tree.get(path, 'nothing'))
                  for path in {*tree, *our_tree} if tree.get(path) != our_tree.get(path)}
        self.assertEqual(differ, {}, "path: (ours, the reference's)")
        self.assertEqual(self.lines_of(our, python), self.lines_of(event, python))

    def lines_of(self, event, python):
        """What `pyvenv.cfg` says, as far as that version's does."""
        text = event['cfg']
        if text is None:
            return None
        if python.version < (3, 13):
            text = text.replace(' --without-scm-ignore-files', '')
        new = ('executable', 'command') if python.version < (3, 11) else ()
        return [line for line in text.splitlines() if line.split(' = ')[0] not in new]

    def test_each_hook_finds_what_the_reference_s_finds(self):
        compared = need([python for python in pythons() if python.version[1] in MINORS], 'a Python')
        # The first and the last: what is new in those between is there in the last, too.
        for python in compared[::max(1, len(compared) - 1)]:
            for name, (before, options, with_pip) in CASES.items():
                # Hooks differ from version to version, where pip is installed between them doesn't.
                for pip in (False, True) if with_pip and python is compared[-1] else (False,):
                    with self.subTest(python=str(python), case=name, pip=pip):
                        given = [*options, *(['--with-pip'] if pip else [])]
                        given += ['--git'] if python.version >= (3, 13) else []  # a hook since then
                        self.compare_logs(python, *given, before=before)

