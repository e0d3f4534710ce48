"""Ways in which programs subclass the builder, in Python (ways.py) and in C++ (ways.cpp): both print the
same and leave the same, in a new directory, an empty one and an environment."""

import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.append(str(HERE.parent / 'compare'))

from machine import BUILD, need, run, wipe  # noqa: E402
from support import Case, environment, newest, same_but_for_allowed, snapshot  # noqa: E402

WAYS = BUILD / 'bin' / 'hooks_ways'

# What the two builders' shells are told.
FACTS = 'import sys; print(sys.prefix, sys.path)'
ACTIVATED = '. "$0/bin/activate" && echo "$VIRTUAL_ENV, $VIRTUAL_ENV_PROMPT"'


class Ways(Case):
    prefix = 'it is ünüsual '

    def names(self):
        need(WAYS.exists(), '%s (cmake --build --target hooks_ways)' % WAYS)
        return run([WAYS]).out.split()

    def outcome(self, command, way, env_dir, before):
        """What it prints and leaves, and what its environment says of itself."""
        wipe(env_dir)
        if before == 'empty':
            env_dir.mkdir()
        elif before == 'environment':
            self.reference(self.python, '--without-pip', env_dir)
        said = run([*command, way, env_dir], env=environment())
        self.assertEqual((said.code, said.err), (0, ''), str(said))
        if not env_dir.exists():
            return said.out, {}, None, None, None
        cfg, python = env_dir / 'pyvenv.cfg', env_dir / 'bin' / 'python'
        facts = run([python, '-c', FACTS], env=environment()).out if python.exists() else None
        told = run(['sh', '-c', ACTIVATED, env_dir]).out if (env_dir / 'bin/activate').exists() else None
        text = cfg.read_text('utf-8') if cfg.exists() else None
        return said.out, snapshot(env_dir), text, facts, told

    def environments_in(self, tree):
        """{a directory with an environment: what lies in it}"""
        inner = {path[:-len('pyvenv.cfg')] for path in tree if path.endswith('/pyvenv.cfg')}
        return {folder: {path[len(folder):]: what for path, what in tree.items() if path.startswith(folder)}
                for folder in {'', *inner}}

    def test_both_have_the_same_ways(self):
        self.assertEqual(self.names(), run([newest().path, HERE / 'ways.py']).out.split())
        self.assertGreaterEqual(len(self.names()), 30)

    def test_both_come_out_the_same(self):
        self.python = newest()
        if self.python.version < (3, 13):
            self.skipTest('missing: Python 3.13, which has all hooks')
        env_dir = self.tmp / 'an environment'
        for way in self.names():
            for before in ('nothing', 'empty', 'environment'):
                with self.subTest(way=way, before=before):
                    theirs = self.outcome([self.python.path, '-B', HERE / 'ways.py'], way, env_dir, before)
                    ours = self.outcome([WAYS, self.python.path], way, env_dir, before)
                    self.assertEqual((ours[0], ours[2:]), (theirs[0], theirs[2:]))
                    self.compare_trees(theirs[1], ours[1])

    def compare_trees(self, tree, our_tree):
        trees, our_trees = self.environments_in(tree), self.environments_in(our_tree)
        self.assertEqual(our_trees.keys(), trees.keys())
        for folder in trees:
            theirs, ours = same_but_for_allowed(trees[folder], our_trees[folder], self.python.version)
            differ = {path: (ours.get(path, 'nothing'), theirs.get(path, 'nothing'))
                      for path in {*theirs, *ours} if theirs.get(path) != ours.get(path)
                      and not any(path.startswith(other) for other in trees if other and not folder)}
            self.assertEqual(differ, {}, "path: (ours, the reference's)")
