"""pyenv's shims are resolved by reading what pyenv reads, to what pyenv itself would run."""

import os
import re

from machine import PROGRAM, PYENV, need_pyenv, wipe
from support import Case

PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'


def pyenv_versions():
    """Names of installed versions, oldest first."""
    names = [path.name for path in (PYENV / 'versions').glob('3.*') if (path / 'bin/python3').exists()]
    return sorted(names, key=lambda name: [int(part) for part in re.findall(r'\d+', name)])


class Shims(Case):
    def setUp(self):
        super().setUp()
        need_pyenv((PYENV / 'bin' / 'pyenv').exists() and (PYENV / 'shims' / 'python3').exists(), 'pyenv')
        self.versions = [name for name in pyenv_versions() if name >= '3.1' or name >= '3.8']
        need_pyenv(len(self.versions) >= 3, 'three of pyenv\'s Pythons')
        # A root of its own, so that its global version can be changed; the versions are the real ones.
        self.root = self.tmp / 'pyenv'
        self.root.mkdir()
        for name in ('bin', 'libexec', 'plugins', 'pyenv.d'):
            if (PYENV / name).exists():
                (self.root / name).symlink_to(PYENV / name)
        (self.root / 'versions').mkdir()
        for name in self.versions:
            (self.root / 'versions' / name).symlink_to(PYENV / 'versions' / name)
        (self.root / 'shims').mkdir()
        for name in ('python', 'python3', 'python3.12', 'python3.13'):
            shim = self.root / 'shims' / name
            shim.write_text((PYENV / 'shims' / 'python3').read_text().replace(str(PYENV), str(self.root)))
            shim.chmod(0o755)
        self.work = self.tmp / 'work' / 'deep' / 'er'
        self.work.mkdir(parents=True)
        self.set_global(self.versions[0])

    def set_global(self, text):
        (self.root / 'version').write_text(text + '\n' if not text.endswith('\n') else text)

    def pyenv_environment(self, **changes):
        return self.environment(**{'PATH': '%s:%s/bin:%s' % (self.root / 'shims', self.root, PATH),
                                   'PYENV_ROOT': self.root, **changes})

    def run_by_shim(self, command='python3', cwd=None, **changes):
        """What the shim itself runs; None where it finds nothing."""
        said = self.execute(self.root / 'shims' / command, '-c', 'import sys; print(sys.executable)',
                            cwd=cwd or self.work, env=self.pyenv_environment(**changes))
        return said.out.strip() if said.code == 0 else None

    def ours(self, *options, cwd=None, **changes):
        """The base of the environment that ours makes, and the programs that it started."""
        made, started = self.traced(*options, '--without-pip', self.env_dir, cwd=cwd or self.work,
                                    env=self.pyenv_environment(**changes))
        self.assertEqual([name for name in started if '/shims/' in name or 'pyenv' in
                          os.path.basename(name) or name.endswith('sh')], [])
        if made.code:
            return None
        names = [os.readlink(path) for path in (self.env_dir / 'bin').glob('python*')]
        base, = [name for name in names if name.startswith('/')]
        wipe(self.env_dir)
        return base

    def assert_as_pyenv(self, *options, command='python3', cwd=None, **changes):
        expected = self.run_by_shim(command, cwd=cwd, **changes)
        self.assertIsNotNone(expected)
        ours = self.ours(*options, cwd=cwd, **changes)
        self.assertIsNotNone(ours)
        # `.python-version` asks for a version, which another name of the same Python may have.
        self.assertEqual(os.path.dirname(ours), os.path.dirname(expected))
        self.assertEqual(os.path.realpath(ours), os.path.realpath(expected))

    def test_the_environment_variable(self):
        middle, new = self.versions[1], self.versions[-1]
        for value in (new, middle, '%s:%s' % (middle, new), 'system', 'system:' + new, new + ':system',
                      '9.9.9:' + new, '9.9.9:system', 'python-' + new, new.rpartition('.')[0],
                      'python-' + new.rpartition('.')[0], new.split('.')[0], ''):
            with self.subTest(PYENV_VERSION=value):
                self.assert_as_pyenv(PYENV_VERSION=value)

    def test_files(self):
        old, middle, new = self.versions[0], self.versions[1], self.versions[-1]
        texts = (new, new + '\n', '\n\n  %s  \n' % new, '# a comment\n%s\n' % new, new + ' # why\n',
                 new + '\r\n', '\r\n# x\r\n%s\r\n%s\r\n' % (middle, new), '%s\n%s\n' % (middle, new),
                 '%s:%s\n' % (middle, new), 'system\n', 'system\n%s\n' % new, '9.9.9\n%s\n' % new,
                 new.rpartition('.')[0] + '\n', '', '\n', '# nothing\n', '../../../bin\n%s\n' % new,
                 '..\n%s\n' % new, '\t%s' % new)
        for text in texts:
            for place in ('.python-version', '../.python-version', '../../.python-version', 'global'):
                with self.subTest(text=text, place=place):
                    if place == 'global':
                        self.set_global(text)
                        self.assert_as_pyenv()
                        self.set_global(old)
                    elif place == '.python-version' or text in (texts[1], texts[13]):
                        path = self.work / place
                        path.write_text(text)
                        self.assert_as_pyenv()
                        path.unlink()

    def test_the_nearest_file_counts(self):
        middle, new = self.versions[1], self.versions[-1]
        (self.work.parent / '.python-version').write_text(middle)
        for text in (new, '', '# none\n'):
            (self.work / '.python-version').write_text(text)
            with self.subTest(text=text):
                self.assert_as_pyenv()
        (self.work / '.python-version').unlink()
        (self.work / '.python-version').mkdir()
        self.assert_as_pyenv()

    def test_pyenv_dir(self):
        middle, new = self.versions[1], self.versions[-1]
        elsewhere = self.tmp / 'elsewhere' / 'below'
        elsewhere.mkdir(parents=True)
        (elsewhere.parent / '.python-version').write_text(new)
        self.assert_as_pyenv('--no-python-version', PYENV_DIR=elsewhere)
        (self.work / '.python-version').write_text(middle)
        self.assert_as_pyenv('--no-python-version', PYENV_DIR=elsewhere)
        (elsewhere.parent / '.python-version').unlink()
        self.assert_as_pyenv('--no-python-version', PYENV_DIR=elsewhere)

    def test_no_file_at_all(self):
        (self.root / 'version').unlink()
        self.assert_as_pyenv()

    def test_other_names(self):
        new = self.versions[-1]
        for command in ('python', 'python3', 'python' + new.rpartition('.')[0]):
            with self.subTest(command):
                self.assert_as_pyenv('--python', command, command=command, PYENV_VERSION=new)
        shim = self.root / 'shims' / 'python3'
        self.assert_as_pyenv('--python', shim, PYENV_VERSION=new)
        self.assert_as_pyenv('--python', shim, PYENV_VERSION='system')

    def test_a_version_that_is_not_installed(self):
        # pyenv's last resort is the system's; ours too, and else an error that says what was tried.
        self.assert_as_pyenv(PYENV_VERSION='9.9.9')
        made = self.execute(PROGRAM, '--python', 'python3.12', '--without-pip', self.env_dir,
                            cwd=self.work, env=self.pyenv_environment(
                                PYENV_VERSION='9.9.9', PATH=str(self.root / 'shims')))
        if made.code:
            self.assertRegex(made.err, '^Error: no Python found for .python3.12')
        self.assertNotIn('Traceback', made.err)

    def test_shims_are_never_remembered(self):
        for version in (self.versions[0], self.versions[-1]):
            for _ in range(2):
                self.assertIn('/%s/' % version, self.ours(PYENV_VERSION=version))
        for path in self.cache.glob('python-*'):
            self.assertNotIn(b'shims', path.read_bytes())
