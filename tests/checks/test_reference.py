"""packaging/Doxyfile: the reference of the public API, made from the comments. Every public declaration has one."""

import html
import re
import shutil

from machine import ROOT, need_command
from support import Case, run


class Reference(Case):
    def make(self, source):
        """What doxygen says of a copy of the sources, in which it writes."""
        text = (ROOT / 'packaging/Doxyfile').read_text('utf-8')
        done = run(need_command('doxygen'), self.write('its sources/Doxyfile', text), cwd=source)
        self.assertEqual(done.returncode, 0, done.text)
        return done.stdout

    def sources(self):
        folder = self.tmp / 'its sources'
        shutil.copytree(ROOT / 'src/api', folder / 'src/api')
        (folder / 'build').mkdir(), (folder / 'packaging').mkdir()
        shutil.copy(ROOT / 'packaging/reference.dox', folder / 'packaging')
        return folder

    def test_everything_public_is_in_it(self):
        folder = self.sources()
        self.assertEqual(self.make(folder), '')
        pages = {path.name: re.sub(r'\s+', ' ', html.unescape(re.sub('<[^>]*>', '', path.read_text('utf-8'))))
                 for path in (folder / 'build/reference/html').glob('*.html')}
        of_namespace = pages['namespacevenv.html']
        api = (ROOT / 'docs/api.txt').read_text('utf-8')
        names = re.findall(r'(?m)^(?:struct|class|enum class) (\w+)', api)
        names += re.findall(r'(?m)^(?:\[\[nodiscard\]\] )?[\w:<>]+ (\w+)\(', api)
        self.assertGreater(len(names), 50)
        self.assertIn('remove_environment', names)
        for name in names:
            self.assertRegex(of_namespace, r'\b%s\b' % name)
        self.assertIn('It starts no process and changes nothing.', of_namespace)
        self.assertIn('Its Python. Whether that still starts is what check tells.',
                      pages['classvenv_1_1Environment.html'])

    def test_what_is_not_documented_is_told(self):
        folder = self.sources()
        part = folder / 'src/api/ensure.hpp'
        text = part.read_text('utf-8')
        self.assertIn('  std::string output{}', text)
        part.write_text(text.replace('  std::string output{}', '  int untold = 0;\n  std::string output{}'), 'utf-8')
        self.assertRegex(self.make(folder), r'untold .*is not documented')
