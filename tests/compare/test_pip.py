"""pip in the environment: as the reference puts it there, file by file."""

import os

from machine import pythons, wipe
from support import Case, about, environment, newest, run
from wheels import make_wheel


def pip(env_dir, *arguments, **options):
    return run([env_dir / 'bin' / 'python', '-m', 'pip', *arguments], **options)


def console_scripts(env_dir):
    """Name and first two lines of each script that runs Python."""
    scripts = {}
    for path in (env_dir / 'bin').iterdir():
        if not path.is_symlink() and (path.name.startswith('pip') or 'install' in path.name):
            scripts[path.name] = path.read_text().splitlines()[:3]
    return scripts


class Pip(Case):
    # pip's own scripts don't run where the path has a quotation mark or a dollar sign.
    prefix = 'it is ünüsual-'

    def compare_with_pip(self, python, env_dir, *options):
        """Both install pip in the same place. Returns our environment, which stays."""
        looks = []
        for make in (self.reference, self.make):
            wipe(env_dir)
            make(python, *options, env_dir)
            looks.append((self.look(python, env_dir), console_scripts(env_dir),
                          pip(env_dir, 'list', '--format=freeze').out))
        (reference, scripts, packages), (ours, our_scripts, our_packages) = looks
        self.assertEqual(our_packages, packages)
        self.assertEqual(our_scripts, scripts)
        self.assert_same(python, reference, ours)
        return env_dir

    def assert_works(self, env_dir):
        """By the same script under each of its names."""
        names = [name for name in console_scripts(env_dir) if name.startswith('pip')]
        self.assertGreater(len(names), 1)
        self.assertEqual(len({(env_dir / 'bin' / name).read_bytes() for name in names}), 1)
        answer = run([env_dir / 'bin' / 'pip', '--version'])
        self.assertEqual(answer.code, 0, str(answer))
        self.assertIn(str(env_dir), answer.out)

    def test_distributions_scripts_and_every_file(self):
        # In a plain path, with each Python and after what was there before, tests/pip compares.
        python = newest()
        env_dir = self.compare_with_pip(python, self.tmp / 'env')
        self.assert_works(env_dir)
        self.assertIn('pip' + python.name[6:], console_scripts(env_dir))

    def test_options(self):
        python = newest()
        for options in (('--upgrade',), ('--prompt', 'p', '--clear')):
            with self.subTest(options=options):
                self.assert_works(self.compare_with_pip(python, self.tmp / 'env', *options))

    def test_again_keeps_what_is_installed(self):
        for python in (pythons()[0], newest()):
            with self.subTest(python=str(python)):
                env_dir = self.tmp / python.name
                self.reference(python, env_dir)
                make_wheel(self.tmp, 'answer', '42', {'answer.py': 'is_ = 42\n'})
                installed = pip(env_dir, 'install', '--no-index', '--find-links', self.tmp, 'answer')
                self.assertEqual(installed.code, 0, str(installed))
                before = pip(env_dir, 'list', '--format=freeze').out
                for options in ((), ('--upgrade',), ('--system-site-packages',)):
                    self.make(python, *options, env_dir)
                    self.assert_works(env_dir)
                after = pip(env_dir, 'list', '--format=freeze', '--local').out
                self.assertEqual(after, before)

    def test_settings_that_would_steer_pip_elsewhere(self):
        python = newest()
        env = environment(PIP_TARGET=str(self.tmp / 'elsewhere'), PIP_USER='1',
                          PIP_PREFIX=str(self.tmp / 'elsewhere'), PIP_REQUIRE_VIRTUALENV='1',
                          PIP_ROOT=str(self.tmp / 'elsewhere'), PIP_NO_CACHE_DIR='1',
                          PIP_CONFIG_FILE=str(self.tmp / 'pip.conf'), PYTHONPATH=str(self.tmp))
        (self.tmp / 'pip.conf').write_text('[global]\ntarget = %s\n' % (self.tmp / 'elsewhere'))
        (self.tmp / 'pip').mkdir()
        (self.tmp / 'pip' / '__init__.py').write_text('raise SystemExit("the wrong pip")')
        self.make(python, self.tmp / 'env', env=env, cwd=self.tmp)
        self.assert_works(self.tmp / 'env')
        self.assertFalse((self.tmp / 'elsewhere').exists())

    def test_upgrade_deps(self):
        # From a folder that stands for the package index.
        index = self.tmp / 'index'
        index.mkdir()
        for name in ('pip', 'setuptools'):
            make_wheel(index, name, '999', {name + '/__init__.py': 'version = 999\n'})
        env = environment(PIP_NO_INDEX='1', PIP_FIND_LINKS=index.as_uri())
        # The oldest that knows the option, and one that has no setuptools.
        for python in (pythons((3, 9))[0], newest()):
            with self.subTest(python=str(python)):
                found = []
                for make in (self.reference, self.make):
                    wipe(self.tmp / 'env')
                    make(python, '--upgrade-deps', self.tmp / 'env', env=env)
                    found.append(sorted(name for name in os.listdir(
                        about(self.tmp / 'env/bin/python')['site-packages'][0])
                        if name.endswith('.dist-info')))
                self.assertEqual(found[1], found[0])
                self.assertIn('pip-999.dist-info', found[1])
