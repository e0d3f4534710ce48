"""Tags (PEP 425, 600, 656): packaging's lists, made by packaging for each kind of system, and those
of every Python here; wheels' file names; which wheel is taken."""

import contextlib
import itertools
import json
import subprocess
from unittest import mock

import machine
from support import TOOL, WHOLE, Case, ask, literals

# In the order in which the program takes them.
FACTS = dict(implementation='cpython', major=3, minor=12, is_64bit=1, free_threaded=0, debug=0, pymalloc=1,
             extension_suffix='', version_nodot='', platform='linux-x86_64', glibc_major=0, glibc_minor=0,
             musl_major=0, musl_minor=0, is_manylinux_abi=1, mac_major=0, mac_minor=0, mac_machine='')

# What a Python says of itself, and the tags that packaging finds when it runs in it.
PROBE = '''
import json, os, platform, sys, sysconfig
sys.path[:0] = %r
from packaging import _manylinux, _musllinux, tags
glibc, musl = _manylinux._get_glibc_version(), _musllinux._get_musl_version(sys.executable)
variable = sysconfig.get_config_var
facts = dict(implementation=sys.implementation.name, major=sys.version_info[0], minor=sys.version_info[1],
             is_64bit=int(sys.maxsize > 2**32), free_threaded=int(bool(variable("Py_GIL_DISABLED"))),
             debug=int(bool(variable("Py_DEBUG"))), extension_suffix=variable("EXT_SUFFIX"),
             version_nodot=variable("py_version_nodot") or "", platform=sysconfig.get_platform(),
             glibc_major=max(glibc[0], 0), glibc_minor=max(glibc[1], 0),
             musl_major=musl[0] if musl else 0, musl_minor=musl[1] if musl else 0)
print(json.dumps([facts, [str(tag) for tag in tags.sys_tags()]]))
'''


def fields(**changes):
    assert not set(changes) - set(FACTS)
    return list({**FACTS, **changes}.values())


@contextlib.contextmanager
def pretended(facts):
    """packaging in a Python with these facts."""
    from packaging import _manylinux, _musllinux, tags
    config = {'Py_DEBUG': facts['debug'], 'Py_GIL_DISABLED': facts['free_threaded'],
              'WITH_PYMALLOC': facts['pymalloc'], 'EXT_SUFFIX': facts['extension_suffix'],
              'py_version_nodot': facts['version_nodot'] or '%(major)d%(minor)d' % facts}
    system = {'linux': 'Linux', 'macosx': 'Darwin', 'win32': 'Windows', 'win': 'Windows'}
    names = {'cpython': 'cp', 'pypy': 'pp'}
    glibc = (facts['glibc_major'], facts['glibc_minor']) if facts['glibc_major'] else (-1, -1)
    musl = _musllinux._MuslVersion(facts['musl_major'], facts['musl_minor']) if facts['musl_major'] else None
    is_32bit = not facts['is_64bit']
    mac = (facts['mac_major'], facts['mac_minor'])
    with contextlib.ExitStack() as stack:
        for target, name, value in (
                (tags, '_get_config_var', lambda name, warn=False: config[name]),
                (tags, 'interpreter_name', lambda: names.get(facts['implementation'], facts['implementation'])),
                (tags.platform, 'system', lambda: system[facts['platform'].split('-')[0]]),
                (tags.platform, 'mac_ver', lambda: ('%d.%d' % mac, ('', '', ''), facts['mac_machine'])),
                (tags, 'mac_platforms', lambda: real_mac(mac, tags._mac_arch(facts['mac_machine'], is_32bit))),
                (tags, '_linux_platforms', lambda: real_linux(is_32bit)),
                (tags.sysconfig, 'get_platform', lambda: facts['platform']),
                (tags.sys, 'version_info', (facts['major'], facts['minor'], 0, 'final', 0)),
                (_manylinux, '_get_glibc_version', lambda: glibc),
                (_manylinux, '_get_manylinux_module', lambda: None),
                (_manylinux, '_is_linux_i686', lambda path: bool(facts['is_manylinux_abi'])),
                (_manylinux, '_is_linux_armhf', lambda path: bool(facts['is_manylinux_abi'])),
                (_musllinux, '_get_musl_version', lambda path: musl)):
            if name == 'mac_platforms':
                real_mac = tags.mac_platforms
            if name == '_linux_platforms':
                real_linux = tags._linux_platforms
            stack.enter_context(mock.patch.object(target, name, value))
        yield tags


def tags_of(facts):
    with pretended(facts) as tags:
        return [str(tag) for tag in tags.sys_tags()]


class Supported(Case):
    def check(self, *kinds):
        rows = []
        for kind in kinds:
            facts = {**FACTS, **kind}
            rows.append((('tags', *facts.values()), (','.join(tags_of(facts)),)))
        self.compare(rows, limit=1)

    def test_linux(self):
        machines = ('x86_64', 'aarch64', 'armv7l', 'i686', 'ppc64le', 's390x', 'riscv64', 'loongarch64', 'mips64')
        self.check(*(dict(platform='linux-' + name, minor=minor, is_64bit=bits, is_manylinux_abi=abi,
                          glibc_major=glibc[0], glibc_minor=glibc[1], musl_major=musl[0], musl_minor=musl[1])
                     for name, minor, bits, abi, glibc, musl in itertools.product(
                         machines, (8, 13), (0, 1), (0, 1), ((0, 0), (2, 4), (2, 36), (3, 2)),
                         ((0, 0), (1, 2)))))

    def test_macos(self):
        versions = [(10, 3), (10, 4), (10, 6), (10, 9), (10, 15), (10, 16), (11, 0), (11, 7), (13, 6), (14, 0), (26, 1)]
        self.check(*(dict(platform='macosx-11.0-' + name, mac_machine=name, mac_major=version[0],
                          mac_minor=version[1], is_64bit=bits, minor=11)
                     for version, name, bits in itertools.product(
                         versions, ('x86_64', 'arm64', 'i386', 'ppc', 'ppc64'), (0, 1))))

    def test_windows_and_others(self):
        self.check(*(dict(platform=platform, minor=minor)
                     for platform in ('win32', 'win-amd64', 'win-arm64') for minor in (8, 12)))

    def test_builds(self):
        self.check(*(dict(minor=minor, debug=debug, free_threaded=threads, pymalloc=pymalloc, glibc_major=2, glibc_minor=17)
                     for minor, debug, threads, pymalloc in itertools.product(
                         (3, 7, 8, 9, 12, 13, 14, 15, 16), (0, 1), (0, 1), (0, 1))))

    def test_other_implementations(self):
        suffixes = (('pypy', '.pypy310-pp73-x86_64-linux-gnu.so', '310'), ('pypy', '.pypy311-pp73-win_amd64.pyd', '311'),
                    ('graalpy', '.graalpy-38-native-x86_64-darwin.dylib', '38'), ('pyston', '.pyston-23-x86_64-linux-gnu.so', '38'),
                    ('pypy', '.cpython-310-x86_64-linux-gnu.so', ''))
        self.check(*(dict(implementation=name, extension_suffix=suffix, version_nodot=nodot, minor=10,
                          glibc_major=2, glibc_minor=31) for name, suffix, nodot in suffixes))

    def test_pythons_of_this_machine(self):
        places = list(map(str, TOOL.glob('lib/python*/site-packages')))
        tested = 0
        paths = [python.path for python in machine.pythons() if python.version >= (3, 10)]
        for path in [*paths, '/usr/bin/pypy3']:
            done = subprocess.run([path, '-c', PROBE % places], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            if done.returncode:  # not there, or too old for packaging
                continue
            facts, expected = json.loads(done.stdout)
            said = subprocess.run([path, '-I', '-S', machine.ROOT / 'src' / 'scripts' / 'tags.py'],
                                  stdout=subprocess.PIPE, check=True).stdout.decode().split('\0')
            self.assertEqual((said[1], said[-2]), ('venv.hpp tags 1', 'end'))
            with self.subTest(python=path):
                self.assertEqual(ask([('tags', *fields(**facts))]), [[','.join(expected)]])
                # What the header itself asks.
                self.assertEqual(ask([('tags', *said[2:-2])]), [[','.join(expected)]])
            tested += 1
        self.assertGreater(tested, 0)


class Wheels(Case):
    def names(self):
        random = self.random
        def several(*choices):
            return '.'.join(sorted(set(random.choices(choices, k=random.choice((1, 1, 2, 3))))))
        while True:
            yield '-'.join((
                random.choice(('demo', 'Demo', 'de.mo', 'de_mo')), random.choice(('1.0', '1.0', '1.1', '2.0rc1', '1!0.1', '1.0+l')),
                *random.choice(((), (), ('1',), ('2a',), ('10',))),
                several('py3', 'py2', 'cp311', 'cp312', 'cp39', 'pp310', 'py312'), several('none', 'none', 'abi3', 'cp312', 'cp311'),
                several('any', 'any', 'manylinux_2_17_x86_64', 'manylinux2014_x86_64', 'linux_x86_64',
                        'musllinux_1_1_x86_64', 'win_amd64', 'macosx_11_0_arm64'))) + '.whl'

    def parsed(self, name):
        from packaging.utils import InvalidWheelFilename, parse_wheel_filename
        try:
            return parse_wheel_filename(name)
        except InvalidWheelFilename:
            return None

    def row(self, name):
        found = self.parsed(name)
        if found is None:
            return ('wheel', name), ('-',)
        project, version, build, tags = found
        return ('wheel', name), (project, str(version), '%d%s' % build if build else '',
                                 ','.join(sorted(map(str, tags))))

    def test_names_of_tables(self):
        texts = [text for text in literals(self.tests, 'test_utils.py', 'test_tags.py') if text.endswith('.whl')]
        # A wheel's file here is called after the specification; packaging takes more than that names.
        plain = [text for text in texts if set(text) <= set(ALLOWED)]
        self.assertGreater(len(plain), 10)
        self.compare([self.row(text) for text in plain])

    def test_generated_names(self):
        self.compare([self.row(name) for name in itertools.islice(self.names(), 5000)])

    def test_choice(self):
        """The order in which pip would take them: version, then tag, then build."""
        rows = []
        kinds = [dict(minor=12, glibc_major=2, glibc_minor=36), dict(minor=11, musl_major=1, musl_minor=2),
                 dict(minor=12, platform='macosx-11.0-arm64', mac_machine='arm64', mac_major=14)]
        for kind in kinds:
            facts = {**FACTS, **kind}
            rank = {tag: place for place, tag in reversed(list(enumerate(tags_of(facts))))}
            for names in iter_groups(self.names(), 8, 2000 if WHOLE else 200):
                fitting = []
                for name in names:
                    _, version, build, tags = self.parsed(name)
                    places = [rank[str(tag)] for tag in tags if str(tag) in rank]
                    if places:
                        fitting.append(((version, -min(places), build), name))
                fitting.sort(key=lambda pair: pair[0], reverse=True)
                rows.append((('wheels', *facts.values(), *names), (','.join(name for _, name in fitting),)))
        self.assertGreater(sum(',' in expected[0] for _, expected in rows), 100)
        self.compare(rows)


ALLOWED = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-+!'


def iter_groups(items, size, count):
    for _ in range(count):
        yield list(dict.fromkeys(itertools.islice(items, size)))
