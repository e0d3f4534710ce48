"""What is installed, and what is missing: against pip on generated directories of packages."""

import json
import os
import re
import shutil
import subprocess
import tempfile

from support import TOOL, WHOLE, Case, ask, decode, directory
from test_requirements import NAMES

ENVIRONMENTS_OF_PIP = 500 if WHOLE else 40


def marker_values():
    from packaging.markers import default_environment
    values = default_environment()
    return [values[name] for name in NAMES]


class Pip:
    """pip, started once."""

    def __init__(self):
        place, = map(str, TOOL.glob('lib/python*/site-packages'))
        environment = {name: value for name, value in os.environ.items() if not name.startswith('PIP_')}
        self.process = subprocess.Popen(
            [TOOL / 'bin' / 'python', '-I', os.path.join(os.path.dirname(__file__), 'pip_server.py'), place],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, universal_newlines=True,
            env={**environment, 'PIP_CONFIG_FILE': os.devnull, 'PIP_DISABLE_PIP_VERSION_CHECK': '1'})

    def run(self, place, *arguments):
        print(json.dumps([str(place), arguments]), file=self.process.stdin, flush=True)
        return json.loads(self.process.stdout.readline())

    def close(self):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


class Folder(Case):
    def setUp(self):
        super().setUp()
        self.tmp = directory(tempfile.mkdtemp(prefix="it's a folder é "))
        self.addCleanup(shutil.rmtree, self.tmp)
        self.site = directory(self.tmp / 'site-packages')

    def write(self, name, content):
        path = self.site / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode('utf-8'))

    def install(self, name, version, requires=(), extras=(), kind='dist-info'):
        text = 'Metadata-Version: 2.1\nName: %s\nVersion: %s\n' % (name, version)
        text += ''.join('Provides-Extra: %s\n' % extra for extra in extras)
        text += ''.join('Requires-Dist: %s\n' % one for one in requires) + '\nText\n'
        stem = '%s-%s' % (name.replace('-', '_'), version)
        if kind == 'dist-info':
            self.write(stem + '.dist-info/METADATA', text)
            self.write(stem + '.dist-info/RECORD', stem + '.dist-info/METADATA,,\n' + stem + '.dist-info/RECORD,,\n')
            self.write(stem + '.dist-info/INSTALLER', 'pip\n')
        else:
            self.write(stem + '.egg-info' + ('/PKG-INFO' if kind == 'egg-info' else ''), text)

    def distributions(self):
        answer, = ask([('distributions', self.site)])
        rows = [[decode(part.encode()) for part in row.split('\t')] for row in answer if row]
        return {row[0]: dict(zip(('name', 'version', 'installer', 'requested', 'editable', 'url', 'files',
                                  'extras', 'damage'), row[1:])) for row in rows}


def missing_rows(answers):
    return [[[decode(part.encode()) for part in row.split('\t')] for row in answer if row]
            for answer in answers]


class Distributions(Folder):
    def test_every_kind(self):
        self.install('One-A', '1.0', extras=('x', 'Y'))
        self.write('One_A-1.0.dist-info/REQUESTED', '')
        self.install('two', '2.0', kind='egg-info')
        self.install('three', '3.0', kind='file')
        self.install('four', '4.0')
        self.write('four-4.0.dist-info/direct_url.json',
                   '{"url": "file:///a%20b", "dir_info": {"editable": true}}')
        self.install('five', '5.0')
        self.write('five-5.0.dist-info/RECORD', '__editable___five_5_0_finder.py,,\n')
        self.install('six', '6.0')
        self.write('six-6.0.dist-info/direct_url.json', json.dumps(
            {'url': 'https://x/é\U0001f40d', 'vcs_info': {'vcs': 'git', 'commit_id': 'abc'}, 'subdirectory': 'sub'}))
        self.write('project/seven.egg-info/PKG-INFO', 'Name: seven\nVersion: 7.0\n')
        self.write('seven.egg-link', '%s\n.' % (self.site / 'project'))
        self.write('eight-8.0-py3.11.egg/EGG-INFO/PKG-INFO', 'Name: eight\nVersion: 8.0\n')
        found = self.distributions()
        self.assertEqual({entry: one['damage'] for entry, one in found.items() if one['damage']}, {})
        self.assertEqual({(one['name'], one['version']) for one in found.values()},
                         {('One-A', '1.0'), ('two', '2.0'), ('three', '3.0'), ('four', '4.0'), ('five', '5.0'),
                          ('six', '6.0'), ('seven', '7.0'), ('eight', '8.0')})
        one = found['One_A-1.0.dist-info']
        self.assertEqual((one['installer'], one['requested'], one['extras'], one['files']), ('pip', '1', 'x,Y', '2'))
        self.assertEqual({entry for entry, one in found.items() if one['editable'] == '1'},
                         {'four-4.0.dist-info', 'five-5.0.dist-info', 'seven.egg-link'})
        self.assertEqual(found['four-4.0.dist-info']['url'], 'file:///a%20b')
        self.assertEqual(found['six-6.0.dist-info']['url'], 'git+https://x/é\U0001f40d@abc#subdirectory=sub')

    def test_damage_is_told(self):
        self.write('none-1.0.dist-info/RECORD', '')
        self.write('~ip-1.0.dist-info/METADATA', 'Name: pip\nVersion: 1.0\n')
        self.write('nameless-1.0.dist-info/METADATA', 'Version: 1.0\n')
        self.write('bad-1.0.dist-info/METADATA', 'Name: b/d\nVersion: 1.0\n')
        self.write('old-x.dist-info/METADATA', 'Name: old\nVersion: x.y\n')
        self.write('other-1.0.dist-info/METADATA', 'Name: another\nVersion: 1.0\n')
        self.install('twice', '1.0')
        self.install('twice', '2.0')
        self.install('record', '1.0')
        self.write('record-1.0.dist-info/RECORD', 'a,b\n')
        self.install('requires', '1.0', ['x >= banana'])
        self.install('url', '1.0')
        self.write('url-1.0.dist-info/direct_url.json', '{"url": "x"')
        self.write('lost.egg-link', '/nowhere\n')
        self.write('zipped.egg', 'PK')
        self.write('empty.egg-info/top_level.txt', '')
        self.install('well', '1.0')
        self.assertEqual({entry: one['damage'] for entry, one in self.distributions().items()}, {
            'none-1.0.dist-info': 'has no METADATA',
            '~ip-1.0.dist-info': 'is left over from an installation that was interrupted',
            'nameless-1.0.dist-info': 'has no Name in its metadata',
            'bad-1.0.dist-info': "has a Name that is none: 'b/d'",
            'old-x.dist-info': "has a Version that is none: 'x.y'",
            'other-1.0.dist-info': 'lies under another name or version than METADATA says',
            'twice-1.0.dist-info': '',
            'twice-2.0.dist-info': 'is there twice, as twice-1.0.dist-info, too',
            'record-1.0.dist-info': 'RECORD has a line that is not path, hash and size',
            'requires-1.0.dist-info': "requirement 'x >= banana' has a version specifier that can't be "
                                      "read: '>= banana'",
            'url-1.0.dist-info': "has a direct_url.json that can't be read",
            'lost.egg-link': "names no directory with an .egg-info: '/nowhere'",
            'zipped.egg': "has no EGG-INFO/PKG-INFO that can be read",
            'empty.egg-info': 'has no PKG-INFO',
            'well-1.0.dist-info': ''})

    def test_what_is_installed_here(self):
        """The same distributions as importlib.metadata finds, in every directory of packages."""
        code = ('import importlib.metadata, json, sys\n'
                'print(json.dumps([[one.metadata["Name"], one.version, len(one.files or ())]'
                ' for one in importlib.metadata.distributions(path=sys.argv[1:])]))')
        compared = 0
        for place in {*TOOL.glob('lib/python*/site-packages'), '/usr/lib/python3/dist-packages'}:
            done = subprocess.run([TOOL / 'bin' / 'python', '-I', '-c', code, place], stdout=subprocess.PIPE, check=True)
            expected = sorted(json.loads(done.stdout))
            self.site = place
            found = sorted([one['name'], one['version'], int(one['files'])] for one in self.distributions().values())
            self.assertEqual([row[:2] for row in found], [row[:2] for row in expected], place)
            compared += len(expected)
        self.assertGreater(compared, 1)


class Missing(Folder):
    def setUp(self):
        super().setUp()
        self.pip = Pip()
        self.addCleanup(self.pip.close)
        self.values = marker_values()

    def missing(self, requirements=None):
        file = ''
        if requirements is not None:
            file = self.tmp / 'requirements.txt'
            file.write_text(requirements, 'utf-8')
        return missing_rows(ask([('missing', self.site, file, *self.values)]))[0]

    def dry_run(self):
        """Whether pip has nothing to do for the requirements file, and what it said."""
        code, output = self.pip.run(self.site, 'install', '--dry-run', '--no-index', '--no-input',
                                    '-r', str(self.tmp / 'requirements.txt'))
        return code == 0 and 'Would install' not in output, output

    def test_what_is_told(self):
        self.install('App', '1.0', ['lib>=2; python_version >= "3"', 'none-such', 'win; os_name == "nt"',
                                    'more; extra == "all"', 'app[deep]; extra == "all"', 'far>9; extra == "deep"'],
                     ['all', 'deep'])
        self.install('lib', '1.5')
        self.install('far', '9')
        site = self.tmp / 'requirements.txt'
        self.assertEqual(self.missing('app[ALL]\nlib<1.5\n'), [
            ['version', 'lib<1.5', '%s:2' % site, 'lib', '1.5'],
            ['version', 'lib>=2', 'App 1.0', 'lib', '1.5'],
            ['absent', 'none-such', 'App 1.0', 'none-such', ''],
            ['absent', 'more', 'App 1.0', 'more', ''],
            ['version', 'far>9', 'App 1.0', 'far', '9']])
        self.assertEqual(self.missing('far\n'), [])
        self.assertEqual([row[:2] for row in self.missing('far>=9.0\nx @ https://x/y\nfar @ https://x/y\nfar; os_name\n')],
                         [['absent', 'x @ https://x/y'], ['source', 'far @ https://x/y'], ['unreadable', 'far; os_name']])
        (self.tmp / 'limits.txt').write_text('far<9\nnot-needed==1\n')
        self.assertEqual([row[:2] for row in self.missing('-c limits.txt\nfar\n')], [['version', 'far<9']])

    def test_cycles_end(self):
        """Requirements that lead back to themselves, through extras as well."""
        self.install('a', '1.0', ['b[x]'], ['x'])
        self.install('b', '1.0', ['a[x]; extra == "x"', 'b[x]; extra == "x"', 'c; extra == "x"'], ['x'])
        self.assertEqual([row[1:3] for row in self.missing('a\n')], [['c', 'b 1.0']])

    def test_what_is_unreadable_is_told(self):
        self.install('a', '1.0', ['b; os_name ~= "x"', 'c; extras == "x"', '; x', 'd'])
        self.assertEqual([row[0] for row in self.missing('a\n')], ['unreadable'] * 3 + ['absent'])

    def name(self):
        return self.random.choice(('a', 'b', 'c', 'D', 'e-e', 'f.f'))

    def version(self):
        return self.random.choice(('0.9', '1.0', '1.0.post1', '1.1', '2.0', '2.0rc1', '3.0.dev1', '1.0+local'))

    def requirement(self, marker=True, extras=True):
        text = self.name()
        if extras and self.random.random() < 0.25:
            text += '[%s]' % self.random.choice(('x', 'X', 'y', 'x,y', 'none'))
        if self.random.random() < 0.45:
            text += self.random.choice(('>=', '<', '!=', '>', '~=', '==', '<=')) + \
                self.random.choice(('0.9', '1.0', '1.0', '1.1', '2.0', '2.0rc1'))
        if marker and self.random.random() < 0.5:
            text += '; ' + self.random.choice((
                'extra == "x"', 'extra == "y"', "extra == 'X'", 'os_name == "nt"', 'python_version >= "3"',
                'sys_platform == "linux" and extra == "x"', 'platform_python_implementation != "CPython"',
                'extra != "x"'))
        return text

    def generate(self, extras=True):
        for path in list(self.site.iterdir()):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        for name in ('a', 'b', 'c', 'D', 'e-e', 'f.f'):
            if self.random.random() < 0.85:
                requires = [self.requirement(extras=extras) for _ in range(self.random.choice((0, 0, 1, 2, 3)))]
                self.install(name, self.version(), requires, self.random.choice(((), ('x',), ('x', 'Y'))),
                             self.random.choice(('dist-info', 'dist-info', 'dist-info', 'egg-info')))

    def test_against_pip_check(self):
        """Everything that pip check says of the requirements of all that is installed."""
        clean = 0
        for _ in range(ENVIRONMENTS_OF_PIP):
            self.generate(extras=False)  # into which pip check doesn't look
            code, output = self.pip.run(self.site, 'check')
            said = set()
            for line in output.splitlines():
                found = re.match(r'(\S+) (\S+) requires (\S+), which is not installed\.', line)
                if found:
                    said.add((found[1].lower(), found[3], ''))
                found = re.match(r'(\S+) (\S+) has requirement (.*), but you have (\S+) (\S+)\.', line)
                if found:
                    said.add((found[1].lower(), re.split(r'[\[<>=!~; ]', found[3])[0], found[5]))
            ours = set()
            for reason, requirement, by, name, installed in self.missing():
                self.assertIn(reason, ('absent', 'version'))
                ours.add((normal(by.split(' ')[0]), name, installed))
            self.assertEqual(ours, {(normal(by), normal(name), installed) for by, name, installed in said}, output)
            self.assertEqual(bool(ours), code != 0, output)
            clean += not ours
        self.assertGreater(clean, 0)

    def test_against_dry_run(self):
        """Nothing is missing exactly when pip would install nothing."""
        answers = {True: 0, False: 0}
        while sum(answers.values()) < ENVIRONMENTS_OF_PIP:
            self.generate()
            for _ in range(3):
                lines = [self.requirement(extras=True) for _ in range(self.random.randint(1, 3))]
                if self.random.random() < 0.3:
                    (self.tmp / 'limits.txt').write_text(
                        self.name() + self.random.choice(('<', '>=', '!=')) + self.version().split('+')[0] + '\n')
                    lines.append('-c limits.txt')
                ours = self.missing('\n'.join(lines) + '\n')
                nothing_to_do, output = self.dry_run()
                described = '\n'.join([str(lines), str(ours), output, *(
                    path.read_text() for path in self.site.glob('*/[MP]*'))])
                self.assertEqual(not ours, nothing_to_do, described)
                answers[nothing_to_do] += 1
        for count in answers.values():
            self.assertGreater(count, ENVIRONMENTS_OF_PIP // 10)


def normal(name):
    return re.sub('[-_.]+', '-', name).lower()
