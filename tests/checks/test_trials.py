"""tests/trials: what a campaign takes for the same."""

import os
import py_compile
import sys

from support import Case
from trials import trees
from trials.world import Tools, World


class Bytecode(Case):
    def setUp(self):
        super().setUp()
        self.addCleanup(setattr, Tools, 'base', Tools.base)
        Tools.base = sys.executable
        self.world = World(self.tmp / 'world')
        self.module = os.path.join(self.world.above, 'package', 'module.py')
        os.makedirs(os.path.dirname(self.module))
        self.write('x = {"a", "b"}\n')
        self.compile('package/module.py')
        self.world.expectations['made'] = trees.tree(self.world.above)

    def write(self, text):
        with open(self.module, 'w', encoding='utf-8') as file:
            file.write(text)

    def compile(self, shown):
        return py_compile.compile(self.module, dfile=shown, doraise=True)

    def fault(self):
        return self.world.fault_of_tree('made', trees.tree(self.world.above))

    def test_who_compiled_it_is_no_difference(self):
        for shown in ('/elsewhere/package/module.py', 'package/other é.py'):
            self.compile(shown)
            self.assertNotEqual(self.world.expectations['made'], trees.tree(self.world.above))
            self.assertIsNone(self.fault())

    def test_what_it_does_is_one(self):
        self.write('y = {"a", "b"}\n')
        self.compile('package/module.py')
        self.write('x = {"a", "b"}\n')
        self.assertIn('bytecode is not that of its source: ' + self.module[:-len('module.py')], self.fault())

    def test_whose_source_has_another_time_is_one(self):
        self.compile('/elsewhere/package/module.py')
        os.utime(self.module, (1, 1))
        self.assertIn('bytecode is not that of its source', self.fault())

    def test_what_else_differs_is_one(self):
        self.write('x = {"a", "c"}\n')
        self.compile('/elsewhere/package/module.py')
        self.assertRegex(self.fault(), '^differs: package/module.py: ')
