"""The examples: compiled as the project's programs are, and run."""

import functools
import http.server
import os
import pathlib
import threading

from machine import PROGRAM, need, pythons, wipe
from support import Case, about, environment, newest, run

INSTALL = '''import pathlib, sys, sysconfig
print("installing %(name)s")
print("half way", file=sys.stderr)
site_packages = pathlib.Path(sysconfig.get_paths()["purelib"])
(site_packages / "%(name)s_demo.py").write_text("where = %%r" %% sys.prefix)
pathlib.Path("%(name)s-1.0.tar.gz").touch()
print("installed %(name)s without a newline at the end", end="")
'''


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


class Examples(Case):
    def example(self, name, *arguments, python=None, **options):
        env = environment()
        env['PATH'] = '%s:%s' % (os.path.dirname((python or newest()).path), env['PATH'])
        return run([pathlib.Path(PROGRAM).with_name(name), *arguments], env=env, cwd=self.tmp,
                   **options)

    def scripts(self):
        folder = self.tmp / 'scripts'
        folder.mkdir()
        for name in ('setuptools', 'pip'):
            (folder / ('get-%s.py' % name)).write_text(INSTALL % {'name': name})
        return folder

    def assert_installed(self, result, *names):
        self.assertEqual(result.code, 0, str(result))
        env_dir = self.tmp / 'env'
        for name in names:
            self.assertIn('Installing %s ...\n' % name, result.err)
            answer = run([env_dir / 'bin/python', '-c', 'import %s_demo as d; print(d.where)' % name])
            self.assertEqual(answer.out, '%s\n' % env_dir, str(answer))
        self.assertEqual(result.err.count('done.\n'), len(names))
        left = [name for name in os.listdir(env_dir / 'bin') if name.endswith('.py')]
        self.assertEqual([name for name in left if name != 'activate_this.py'], [])
        self.assertFalse((env_dir / 'bin/setuptools-1.0.tar.gz').exists())

    def test_smallest(self):
        for python in (pythons()[0], newest()):
            with self.subTest(python=str(python)):
                result = self.example('smallest', python=python)
                self.assertEqual((result.code, result.err), (0, ''), str(result))
                self.assertRegex(result.out, r'^pip \d')
                self.assertIn(str(self.tmp / '.venv'), result.out)
                self.assertTrue((self.tmp / '.venv/bin/python').is_symlink())
                version = about(self.tmp / '.venv/bin/python')['version'][:3]
                self.assertEqual(tuple(version), python.version)

    def test_hooks(self):
        own = self.tmp / 'own'
        (own / 'common').mkdir(parents=True)
        (own / 'common' / 'hello.py').write_text('print(__VENV_DIR__, __VENV_PROMPT__)\n')
        result = self.example('hooks', 'env', 'own')
        self.assertEqual((result.code, result.err), (0, ''), str(result))
        env_dir = self.tmp / 'env'
        self.assertEqual((env_dir / '.hgignore').read_text(), 'syntax: glob\n*\n')
        self.assertTrue((env_dir / '.gitignore').exists())
        self.assertRegex((env_dir / 'packages.txt').read_text(), r'(?m)^pip +\d')
        said = run([env_dir / 'bin/python', env_dir / 'bin/hello.py'])
        self.assertEqual(said.out, '%s env\n' % env_dir, str(said))

    def test_extended_over_http(self):
        handler = functools.partial(Quiet, directory=str(self.scripts()))
        with http.server.ThreadingHTTPServer(('127.0.0.1', 0), handler) as server:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            url = 'http://127.0.0.1:%d/' % server.server_address[1]
            result = self.example('extended', '--setuptools-url', url + 'get-setuptools.py?a=b/c',
                                  '--pip-url', url + 'get-pip.py', 'env')
            self.assert_installed(result, 'setuptools', 'pip')
            # A dot for each line of the children, which said three.
            self.assertEqual(result.err.count('.') - 2 - 6, 6, result.err)
            missing = self.example('extended', '--setuptools-url', url + 'get-setuptools.py',
                                   '--pip-url', url + 'missing.py', 'other')
            server.shutdown()
        self.assertEqual(missing.code, 1)
        self.assertIn('404', missing.err)
        self.assertIn('Error: ', missing.err)
        self.assertFalse((self.tmp / 'other').exists())

    def test_extended_without_further_arguments(self):
        # The index: a folder with the wheel of setuptools that an older Python bundles.
        wheels = [wheel for python in pythons() for wheel in pathlib.Path(
            run([python.path, '-c', 'import ensurepip; print(ensurepip.__file__)']).out.strip()
        ).parent.glob('_bundled/setuptools-*.whl')]
        index = need(wheels, 'a bundled wheel of setuptools')[-1].parent
        env = {**environment(), 'PIP_NO_INDEX': '1', 'PIP_FIND_LINKS': str(index)}
        env['PATH'] = '%s:%s' % (os.path.dirname(newest().path), env['PATH'])
        for arguments, setuptools, pip in (((), True, True), (('--no-pip',), True, False),
                                           (('--without-pip',), True, False),
                                           (('--symlinks', '--no-setuptools'), False, False)):
            with self.subTest(arguments=arguments):
                result = run([pathlib.Path(PROGRAM).with_name('extended'), *arguments, 'env'], env=env,
                             cwd=self.tmp)
                self.assertEqual(result.code, 0, str(result))
                self.assertEqual('Installing setuptools ...' in result.err, setuptools)
                python = self.tmp / 'env/bin/python'
                for name, is_there in (('setuptools', setuptools), ('pip', pip)):
                    found = run([python, '-c', 'import importlib.metadata as m; m.version(%r)' % name])
                    self.assertEqual(found.code == 0, is_there, name)
                left = [name for name in os.listdir(self.tmp / 'env/bin') if 'setuptools' in name]
                self.assertEqual(left, [])
                wipe(self.tmp / 'env')

    def test_extended_from_files_and_verbose(self):
        url = self.scripts().as_uri()
        result = self.example('extended', '--verbose', '--copies', '--system-site-packages',
                              '--setuptools-url', url + '/get-setuptools.py', '--pip-url',
                              url + '/get-pip.py', 'env')
        self.assert_installed(result, 'setuptools', 'pip')
        for line in ('installing pip', 'half way', 'installed pip without a newline at the end'):
            self.assertIn('\n%s\n' % line, result.err)
        self.assertFalse((self.tmp / 'env/bin/python').is_symlink())

    def test_extended_with_a_script_that_fails(self):
        folder = self.scripts()
        (folder / 'get-pip.py').write_text('import sys\nprint("no")\nsys.exit("the reason")\n')
        result = self.example('extended', '--setuptools-url',
                              folder.as_uri() + '/get-setuptools.py', '--pip-url',
                              folder.as_uri() + '/get-pip.py', 'env')
        self.assertEqual(result.code, 1, str(result))
        self.assertIn('the reason\n', result.err)
        self.assertRegex(result.err, r'Error: [^\n]*get-pip\.py exited with 1\n$')
        self.assertFalse((self.tmp / 'env').exists())

    def test_wrong_use(self):
        for name, arguments in (('extended', []), ('extended', ['--nonsense', 'env']), ('hooks', [])):
            result = self.example(name, *arguments)
            self.assertEqual(result.code, 2, str(result))
            self.assertRegex(result.err, '^usage: ' + name)
