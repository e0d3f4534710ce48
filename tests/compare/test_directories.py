"""Where environments can lie, and on which Pythons they can be based: inside other environments,
behind links, behind pyenv's shims, on PyPy, on Pythons that are too old to promise anything."""

import os
import pathlib
import shutil

from machine import PROGRAM, PYENV, ask, need, need_pyenv, pythons, wipe
from support import Case, about, environment, newest, read_cfg, run

# What ENV_DIR is given as, and where that is, seen from the working directory.
NAMES = (
    ('env', 'env'),
    ('./env', 'env'),
    ('env/', 'env'),
    ('env//', 'env'),
    ('.', '.'),
    ('..', '..'),
    ('../env', '../env'),
    ('deep/down/here/env', 'deep/down/here/env'),
    ('nowhere/../env', 'env'),
    ('two words', 'two words'),
    (' blanks at the ends ', ' blanks at the ends '),
    ("it's", "it's"),
    ('"quoted"', '"quoted"'),
    ('$HOME ${HOME} $(touch ran) `touch ran`', '$HOME ${HOME} $(touch ran) `touch ran`'),
    ('back\\slash', 'back\\slash'),
    ('a;b&c|d<e>f*g?h[i]{j}~!#%', 'a;b&c|d<e>f*g?h[i]{j}~!#%'),
    ('naïve ☃ 🐍', 'naïve ☃ 🐍'),
    ('e\u0301 and é', 'e\u0301 and é'),
    ('= equals', '= equals'),
    ('__VENV_NAME__', '__VENV_NAME__'),
    ('.hidden', '.hidden'),
    ('-- dash', '-- dash'),
    ('n' * 255, 'n' * 255),
)


class Directories(Case):
    def test_strange_relative_and_nested_directories(self):
        for python in (pythons()[0], newest()):
            for name, place in NAMES:
                with self.subTest(python=str(python), name=name):
                    cwd = self.tmp / 'work' / 'here'
                    cwd.mkdir(parents=True)
                    env_dir = pathlib.Path(os.path.abspath(cwd / place))
                    # No wipe in between: the working directory may be the environment.
                    looks = []
                    for make in (self.reference, self.make):
                        shutil.rmtree(self.tmp / 'work')
                        cwd.mkdir(parents=True)
                        make(python, '--without-pip', '--', name, cwd=cwd)
                        looks.append(self.look(python, env_dir))
                    self.assert_same(python, *looks)
                    self.assertEqual(list(self.tmp.rglob('ran')), [])
                    shutil.rmtree(self.tmp / 'work')

    def test_every_python_in_a_strange_directory(self):
        for python in pythons():
            with self.subTest(python=str(python)):
                self.compare(python, '--without-pip', '--copies', '--system-site-packages',
                             env_dir=self.tmp / '''it's "☃" $HOME''' / 'env')

    def test_a_parent_that_is_a_link_stays_in_the_path(self):
        (self.tmp / 'real').mkdir()
        (self.tmp / 'link').symlink_to('real')
        for python in pythons():
            with self.subTest(python=str(python)):
                self.compare(python, '--without-pip', env_dir=self.tmp / 'link' / 'env')

    def test_a_link_to_a_directory_is_used_and_stays_a_link(self):
        python = newest()
        (self.tmp / 'real').mkdir()
        (self.tmp / 'link').symlink_to('real')
        for options in ((), ('--clear',)):
            self.make(python, '--without-pip', *options, self.tmp / 'link')
            self.assertEqual(os.readlink(self.tmp / 'link'), 'real')
            self.assertEqual(about(self.tmp / 'link/bin/python')['prefix'], str(self.tmp / 'link'))
            self.assertIn(str(self.tmp / 'link'),
                          read_cfg(self.tmp / 'real' / 'pyvenv.cfg')['command'])

    def test_several_at_once(self):
        for python in pythons():
            with self.subTest(python=str(python)):
                looks = []
                for make in (self.reference, self.make):
                    make(python, '--without-pip', '--prompt', 'p', 'one', 'two/three', './four/',
                         cwd=self.tmp)
                    envs = [self.tmp / name for name in ('one', 'two/three', 'four')]
                    looks.append([self.look(python, env_dir) for env_dir in envs])
                    for env_dir in envs:
                        wipe(env_dir)
                for reference, ours in zip(*looks):
                    self.assert_same(python, reference, ours)

    def test_existing_empty_directory_keeps_its_mode(self):
        def prepare(env_dir):
            env_dir.mkdir()
            env_dir.chmod(0o2710)
        for python in pythons():
            with self.subTest(python=str(python)):
                self.compare(python, '--without-pip', prepare=prepare)

    def test_setgid_of_the_parent_is_inherited(self):
        (self.tmp / 'group').mkdir()
        (self.tmp / 'group').chmod(0o2775)
        self.compare(newest(), '--without-pip', env_dir=self.tmp / 'group' / 'env')


class Bases(Case):
    def test_each_name_of_the_base_interpreter(self):
        for python in pythons():
            folder = pathlib.Path(python.path).parent
            for name in ('python', 'python3', python.name):
                if (folder / name).exists():
                    with self.subTest(python=str(python), name=name):
                        self.compare(ask(str(folder / name)), '--without-pip')

    def test_from_inside_another_environment(self):
        for python in pythons():
            with self.subTest(python=str(python)):
                outer = self.tmp / 'outer'
                self.reference(python, '--without-pip', outer)
                inside = ask(str(outer / 'bin' / 'python'))
                inner = self.tmp / 'inner'
                # Before 3.11 the reference bases it on the outer one, which may go.
                self.reference(inside if python.version >= (3, 11) else python, '--without-pip',
                               inner)
                reference = self.look(python, inner)
                wipe(inner)
                self.make(inside, '--without-pip', inner)
                self.assert_same(python, reference, self.look(python, inner))
                wipe(outer)
                self.assertEqual(about(inner / 'bin' / 'python')['prefix'], str(inner))
                wipe(inner)

    def test_three_environments_deep(self):
        for python in pythons():
            with self.subTest(python=str(python)):
                base = python.path
                for depth in range(3):
                    env_dir = self.tmp / ('%s-%d' % (python.name, depth))
                    self.make(ask(base), '--without-pip', env_dir)
                    base = str(env_dir / 'bin' / 'python')
                home = read_cfg(env_dir / 'pyvenv.cfg')['home']
                self.assertEqual(home, os.path.dirname(python.path))

    def test_active_environment_s_python_is_found_and_its_base_taken(self):
        for python in pythons():
            with self.subTest(python=str(python)):
                outer, inner = self.tmp / 'outer', self.tmp / 'inner'
                self.make(python, '--without-pip', outer)
                env = environment(VIRTUAL_ENV=str(outer))
                env['PATH'] = '%s:%s' % (outer / 'bin', env['PATH'])
                result = self.venv('--without-pip', inner, env=env)
                self.assertEqual((result.code, result.err), (0, ''))
                facts = about(inner / 'bin' / 'python')
                self.assertEqual(tuple(facts['version'][:3]), python.version)
                self.assertEqual(read_cfg(inner / 'pyvenv.cfg')['home'],
                                 os.path.dirname(python.path))
                wipe(outer)
                wipe(inner)

    def test_symlinked_python(self):
        for python in pythons():
            with self.subTest(python=str(python)):
                link = self.tmp / 'links' / 'my python'
                link.parent.mkdir(exist_ok=True)
                wipe(link)
                link.symlink_to(python.path)
                self.compare(ask(str(link)), '--without-pip')
                self.compare(ask(str(link)), '--without-pip', '--copies')

    def test_link_to_an_environment_s_python(self):
        # `ln -s env/bin/python ~/bin/py`: Python looks for pyvenv.cfg beside the link, finds none,
        # and is the base.
        for python in pythons():
            with self.subTest(python=str(python)):
                outer = self.tmp / 'outer'
                self.reference(python, '--without-pip', outer)
                link = self.tmp / 'py'
                wipe(link)
                link.symlink_to(outer / 'bin' / 'python')
                self.compare(ask(str(link)), '--without-pip')
                wipe(outer)

    def test_python_given_by_a_relative_path(self):
        python = newest()
        (self.tmp / 'bin').mkdir()
        (self.tmp / 'bin' / 'python').symlink_to(python.path)
        result = self.venv('--python', 'bin/../bin/python', '--without-pip', 'env', cwd=self.tmp)
        self.assertEqual(result.code, 0, str(result))
        self.assertEqual(read_cfg(self.tmp / 'env' / 'pyvenv.cfg')['home'], str(self.tmp / 'bin'))
        self.assertEqual(about(self.tmp / 'env/bin/python')['prefix'], str(self.tmp / 'env'))

    def test_pyenv_shim(self):
        shim = PYENV / 'shims' / 'python3'
        need_pyenv(shim.exists(), 'a shim of pyenv')
        for python in pythons():
            if not python.path.startswith(str(PYENV)):
                continue
            with self.subTest(python=str(python)):
                name = pathlib.Path(python.path).parts[-3]
                env = environment(PYENV_VERSION=name)
                env['PATH'] = '%s:%s:%s' % (PYENV / 'shims', PYENV / 'bin', env['PATH'])
                env_dir = self.tmp / 'env'
                looks = []
                for command in ([shim, '-m', 'venv'], [PROGRAM, '--python', shim],
                                [PROGRAM]):
                    wipe(env_dir)
                    result = run([*command, '--without-pip', env_dir], env=env)
                    self.assertEqual(result.code, 0, str(result))
                    looks.append(self.look(python, env_dir))
                self.assert_same(python, looks[0], looks[1])
                self.assert_same(python, looks[0], looks[2])

    def test_steering_variables_change_nothing(self):
        python = newest()
        other = pythons()[0]
        env = environment(PYTHONHOME='/nonexistent', PYTHONPATH=str(self.tmp),
                          PYTHONEXECUTABLE=other.path, __PYVENV_LAUNCHER__=other.path,
                          VIRTUAL_ENV='/nonexistent', PYTHONSTARTUP='/nonexistent',
                          PYTHONINSPECT='1')
        (self.tmp / 'encodings').mkdir()
        (self.tmp / 'sys.py').write_text('raise SystemExit(7)')
        (self.tmp / 'os.py').write_text('raise SystemExit(7)')
        env_dir = self.tmp / 'env'
        self.make(python, '--without-pip', env_dir, env=env)
        ours = self.look(python, env_dir)
        wipe(env_dir)
        self.reference(python, '--without-pip', env_dir)
        self.assert_same(python, self.look(python, env_dir), ours)

    def test_modules_in_the_working_directory_are_not_imported(self):
        for name in ('sys.py', 'os.py', 'encodings.py', 'site.py', 'venv.py'):
            (self.tmp / name).write_text('raise SystemExit("imported " + __name__)')
        for python in pythons():
            with self.subTest(python=str(python)):
                self.make(python, '--without-pip', 'env-' + python.name, cwd=self.tmp)


class OtherPythons(Case):
    def test_pypy(self):
        need(os.path.exists('/usr/bin/pypy3'), 'pypy3')
        pypy = ask('/usr/bin/pypy3')
        for options in ((), ('--system-site-packages', '--prompt', "p'p"), ('--upgrade',)):
            with self.subTest(options=options):
                self.compare(pypy, '--without-pip', *options)
                self.compare(ask(os.path.realpath(pypy.path)), '--without-pip', *options)

    def test_pypy_copied(self):
        # Not compared: the reference's copies all of /usr/lib into the environment.
        need(os.path.exists('/usr/bin/pypy3'), 'pypy3')
        self.make(ask('/usr/bin/pypy3'), '--without-pip', '--copies', self.tmp / 'env')
        self.assertFalse((self.tmp / 'env/bin/pypy3').is_symlink())
        self.assertEqual(about(self.tmp / 'env/bin/pypy3')['prefix'], str(self.tmp / 'env'))

    def test_python_3_6_and_3_7_work_as_far_as_they_can(self):
        old = [python for python in pythons((3, 6)) if python.version < (3, 8)]
        need_pyenv(old, 'a Python 3.6 or 3.7')
        for python in old:
            for options in ((), ('--copies',), ('--system-site-packages',)):
                with self.subTest(python=str(python), options=options):
                    env_dir = self.tmp / 'env'
                    looks = []
                    for make in (self.reference, self.make):
                        make(python, '--without-pip', *options, env_dir)
                        looks.append(self.look(python, env_dir))
                        wipe(env_dir)
                    (_, _, facts), (_, _, our_facts) = looks
                    self.assertEqual(our_facts, facts)
