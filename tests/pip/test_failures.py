"""Why pip failed, told from what real pips print: the oldest, the newest, and those between that speak
otherwise."""

import io
import subprocess
import tarfile

from machine import BUILD, need, need_mounts, need_root
from support import Case, newest, oldest, pythons, write_wheel

BACKEND = '''
import os
def get_requires_for_build_wheel(settings=None):
    return []
def prepare_metadata_for_build_wheel(folder, settings=None):
    os.makedirs(os.path.join(folder, "%(name)s-1.0.dist-info"))
    with open(os.path.join(folder, "%(name)s-1.0.dist-info", "METADATA"), "w") as file:
        file.write("Metadata-Version: 2.1\\nName: %(name)s\\nVersion: 1.0\\n")
    return "%(name)s-1.0.dist-info"
def build_wheel(*arguments, **more):
    raise SystemExit(%(words)r)
'''


class Failures(Case):
    shares_cache = True

    def setUp(self):
        super().setUp()
        self.program = need(BUILD / 'bin' / 'pip_failure', 'the program pip_failure')
        self.wheels = self.tmp / 'wheels'
        self.wheels.mkdir()
        for name, version, more, tag in (
                ('alpha', '1.0', '', 'py3-none-any'), ('alpha', '2.0', '', 'py3-none-any'),
                ('one', '1.0', 'Requires-Dist: alpha==1.0\n', 'py3-none-any'),
                ('two', '1.0', 'Requires-Dist: alpha==2.0\n', 'py3-none-any'),
                ('wants', '1.0', 'Requires-Dist: absent>=3\n', 'py3-none-any'),
                ('future', '1.0', 'Requires-Python: >=9.9\n', 'py3-none-any'),
                ('windows', '1.0', '', 'cp313-cp313-win_amd64')):
            info = '%s-%s.dist-info/' % (name, version)
            metadata = 'Metadata-Version: 2.1\nName: %s\nVersion: %s\n%s' % (name, version, more)
            wheel = 'Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: %s\n' % tag
            write_wheel(self.wheels / ('%s-%s-%s.whl' % (name, version, tag)), info,
                        {name + '.py': b'', info + 'METADATA': metadata.encode(), info + 'WHEEL': wheel.encode()})
        self.sdist('compiled', "error: command 'gcc' failed: No such file or directory")
        self.sdist('clumsy', 'error: command \'gcc\' failed with exit code 1')

    def sdist(self, name, words):
        files = {'PKG-INFO': 'Metadata-Version: 2.1\nName: %s\nVersion: 1.0\n' % name,
                 'pyproject.toml': '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n',
                 'backend.py': BACKEND % {'name': name, 'words': words}}
        with tarfile.open(self.wheels / (name + '-1.0.tar.gz'), 'w:gz') as archive:
            for path, text in files.items():
                item = tarfile.TarInfo('%s-1.0/%s' % (name, path))
                item.size = len(text)
                archive.addfile(item, io.BytesIO(text.encode()))

    def told(self, text):
        return subprocess.run([self.program], input=text.encode(), stdout=subprocess.PIPE,
                              check=True).stdout.decode().rstrip('\n')

    def assert_told(self, env_dir, expected, *arguments, **options):
        done = self.execute(env_dir / 'bin' / 'python', '-m', 'pip', 'install', '--find-links', self.wheels,
                            *arguments, **options)
        self.assertNotEqual(done.code, 0)
        self.assertEqual(self.told(done.out + done.err), expected, str(done))

    def test_each_kind(self):
        numbered = self.tmp / 'hashes.txt'
        numbered.write_text('alpha==1.0 --hash=sha256:' + '0' * 64 + '\n')
        (self.tmp / 'plain.txt').write_text('alpha==1.0\n')
        (self.tmp / 'loose.txt').write_text('alpha\n')
        for python in {each.path: each for each in (oldest(), newest(), *pythons()[2::3])}.values():
            env_dir = self.make(python, self.tmp / python.name)
            for expected, arguments in (
                    ('not-found absent', ['absent[extra]>=1']), ('not-found absent', ['wants']),
                    ('not-found windows', ['windows']), ('no-such-version alpha', ['alpha>=3']),
                    ('other-python future', ['future']), ('conflict one==1.0 and two==1.0', ['one', 'two']),
                    ('hash alpha', ['-r', numbered, '--require-hashes']),
                    ('hash alpha', ['-r', self.tmp / 'plain.txt', '--require-hashes']),
                    ('hash alpha', ['-r', self.tmp / 'loose.txt', '--require-hashes']),
                    ('not-found compiled', ['--only-binary', ':all:', 'compiled']),
                    ('no-compiler compiled', ['compiled']), ('not-built clumsy', ['clumsy'])):
                with self.subTest(python=str(python), arguments=arguments):
                    self.assert_told(env_dir, expected, *arguments)
            with self.subTest(python=str(python), index='nobody answers'):
                self.assert_told(env_dir, 'unreachable absent', 'absent', '--retries', '1', '--index-url',
                                 'http://127.0.0.1:9/simple', env=self.environment(PIP_NO_INDEX=None))

    def test_a_full_disk_and_one_that_is_read_only(self):
        need_root()
        need_mounts()
        env_dir = self.make(newest())
        site_packages, = env_dir.glob('lib/*/site-packages')
        for expected, options in (('no-space ', 'size=16k,nr_inodes=4'), ('denied ', 'ro')):
            target = site_packages / 'full'
            target.mkdir(exist_ok=True)
            with self.subTest(options=options):
                self.succeed('mount', '-t', 'tmpfs', '-o', options, 'tests', target)
                try:
                    self.assert_told(env_dir, expected, '--target', target / 'inner', 'alpha', 'one')
                finally:
                    self.succeed('umount', target)

    def test_what_is_something_else(self):
        for text in ('', 'Successfully installed alpha-1.0\n', 'Traceback (most recent call last):\nValueError\n'):
            self.assertEqual(self.told(text), 'unknown ')
