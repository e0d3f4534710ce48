"""activate.xsh in the real xonsh, of two versions: strange names, every state before, every way to
source it; what is set, what the prompt shows, and that deactivate leaves nothing behind."""

import ast
import builtins
import os
import unittest

from support_shells import Checks, Place, program

STATES = {
    "nothing set": "",
    "all set": "$PYTHONHOME = '/h'; $VIRTUAL_ENV = '/old'; $VIRTUAL_ENV_PROMPT = '{RED} \\'d\\''",
    "all empty": "$PYTHONHOME = ''; $VIRTUAL_ENV = ''; $VIRTUAL_ENV_PROMPT = ''",
    "no path": "del $PATH",
    "empty path": "$PATH = []",
    "strange path": "$PATH = ['/a b', \"/c'd\", '/@(e)'] + list($PATH)",
    "no prompt wanted": "$VIRTUAL_ENV_DISABLE_PROMPT = '1'",
    "prompt wanted after all": "$VIRTUAL_ENV_DISABLE_PROMPT = ''",
    "no field in the prompt": "del $PROMPT_FIELDS['env_name']",
    "a field of the user's": "$PROMPT_FIELDS['env_name'] = lambda: 'mine '",
    "an alias deactivate": "aliases['deactivate'] = lambda args: print('user', *args)",
    "a command deactivate": "aliases['deactivate'] = ['echo', 'user']",
}
WAYS = {
    "plain": "source @({script})",
    "symlink": "source @({link})",
    "relative": "cd @({bin})\nsource activate.xsh\ncd @({cwd})",
    "function": "def way():\n    source @({script})\nway()\ndel way",
    "over another": "source @({other})\nsource @({script})",
    "twice": "source @({script})\nsource @({script})",
    "script": "source @({outer})",
}
# What the prompt's field gives when it is drawn comes first, then the state for comparing.
PRELUDE = """\
def report(program, tag):
    import subprocess
    from xonsh.prompt.base import PromptFormatter
    env = __xonsh__.env
    fields = env['PROMPT_FIELDS']
    # xonsh may keep what a field gave before.
    getattr(fields, 'reset', lambda: None)()
    drawn = PromptFormatter()('{env_name}> ') if 'env_name' in fields else 'none'
    words = [sorted(k for k in globals() if k not in ('_', '__', 'way'))]
    words.append([(n, repr(env[n]) if env.is_manually_set(n) else 'unset')
                  for n in ('PATH', 'PYTHONHOME', 'VIRTUAL_ENV', 'VIRTUAL_ENV_PROMPT', 'PROMPT')])
    words.append(sorted((k, v if isinstance(v, str) else '') for k, v in fields.items() if k == 'env_name'))
    words.append(sorted(aliases))
    words.append(str(aliases['deactivate']) if 'deactivate' in aliases else 'none')
    words.append([k for k in vars(__xonsh__) if 'venv' in k])
    from xonsh.ansi_colors import ansi_partial_color_format
    drawn = ansi_partial_color_format(drawn, hide=False)
    text = '\\n'.join(repr(word) for word in words)
    ![@(program) -S @(REPORT) @(tag) @(drawn) @(text)]
"""


# What a caller may have under the names that the script uses.
KEPT = """\
_names = %r
_script = %r
_session = __xonsh__
def _set(value):
    for _one in _names:
        globals()[_one] = value + _one
def _check(value, when):
    for _one in _names:
        if globals().get(_one) != value + _one:
            print(_one, 'is', globals().get(_one), when)
_set('first')
_session._OLD_VIRTUAL_DEACTIVATE = 'mine'
source @(_script)
_check('first', 'while active')
_set('second')
deactivate
_check('second', 'afterwards')
if _session._OLD_VIRTUAL_DEACTIVATE != 'mine':
    print('the session has', _session._OLD_VIRTUAL_DEACTIVATE)
del _session._OLD_VIRTUAL_DEACTIVATE
for _one in _names:
    del globals()[_one]
_before = sorted(globals())
def _way():
    _venv, dir, prompt, bin = 'a', 'b', 'c', 'd'
    source @(_script)
    if (_venv, dir, prompt, bin) != ('a', 'b', 'c', 'd'):
        print('locals while active')
    deactivate
    if (_venv, dir, prompt, bin) != ('a', 'b', 'c', 'd'):
        print('locals afterwards')
_way()
_left = set(globals()) - set(_before) - {'_way', '_before', '_', '__'}
if _left:
    print('left:', _left)
print('done')
"""


def of_state(place, number):
    """A fifth of the names for each state: xonsh is slow."""
    return place.all[number % 5::5]


def script_for(place, state, number):
    lines = ["REPORT = %r" % place.report, PRELUDE, STATES[state]]
    for i, environment in enumerate(of_state(place, number)):
        outer = "%s/outer%d.xsh" % (place.dir, i)
        with open(outer, "w", encoding="utf-8") as file:
            file.write("source @(%r)\n" % environment.script)
        way = list(WAYS.values())[(i + number) % len(WAYS)]
        lines += ["report(['/usr/bin/python3', '-E'], 'before')",
                  way.format(script=repr(environment.script), bin=repr(environment.bin), outer=repr(outer),
                             cwd=repr(place.cwd), link=repr("%s/%d/activate.xsh" % (place.links, place.all.index(environment))),
                             other=repr(place.all[i - 1].script)),
                  "report('python', 'active')", "deactivate", "report(['/usr/bin/python3', '-E'], 'after')"]
        if "deactivate" in state:
            lines.append("deactivate argument")
    return "\n".join(lines) + "\n"


class Xonsh(unittest.TestCase):
    def look_at(self, shell):
        command, place, checks = program(shell), Place("activate.xsh"), Checks()
        self.addCleanup(place.remove)
        for number, state in enumerate(STATES):
            environments = of_state(place, number)
            reports, out, err = place.run(command, script_for(place, state, number), "script.xsh")
            checks.same((state, "stderr"), err[-600:], "")
            checks.same((state, "executed"), place.executed(), [])
            said = "user argument\n" * len(environments) if "deactivate" in state else ""
            checks.same((state, "stdout"), out, said)
            checks.same((state, "reports"), len(reports), 3 * len(environments))
            for i, environment in enumerate(environments):
                if len(reports) < 3 * i + 3:
                    break
                way = list(WAYS)[(i + number) % len(WAYS)]
                what = (state, way, environment.dir.split("/")[-1], environment.prompt)
                before, active, after = reports[3 * i:3 * i + 3]
                checks.active(what, environment, before, active)
                shown = "" if state == "no prompt wanted" else "(" + environment.prompt + ") "
                checks.same(what + ("prompt",), active[1][0], shown + "> ")
                checks.restored(what, before, after)
        checks.verdict(self)

    def test_old_version(self):
        self.look_at("xonsh-0.13")

    def test_new_version(self):
        self.look_at("xonsh-0.25")

    def test_no_name_of_the_callers_is_touched(self):
        """Global ones, and those of the session that the script uses; in a function with locals, too."""
        place = Place("activate.xsh")
        self.addCleanup(place.remove)
        with open(place.all[0].script, encoding="utf-8") as file:
            tree = ast.parse(file.read().replace("${...}", "None"))
        names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        names |= {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
        names |= {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
        names = sorted((names | {"_venv", "_VENV_UNDO"}) - set(dir(builtins)) - {"aliases", "__xonsh__"})
        self.assertLessEqual({"prompt", "_OLD_VIRTUAL_ACTIVATE", "old", "deactivate"}, set(names))
        for shell in ("xonsh-0.13", "xonsh-0.25"):
            text = KEPT % (names + ["dir"], place.all[0].script)
            _, out, err = place.run(program(shell), text, "script.xsh")
            self.assertEqual((out, err), ("done\n", ""))

    def test_says_so_when_the_environment_is_gone(self):
        place = Place("activate.xsh")
        self.addCleanup(place.remove)
        os.remove(place.all[0].bin + "/python")
        os.rename(place.all[2].dir, place.dir + "/moved")
        text = "before = list($PATH)\n"
        for script in (place.all[0].script, place.dir + "/moved/bin/activate.xsh"):
            text += "source @(%r)\n" % script
        text += "print(before == list($PATH), 'VIRTUAL_ENV' in ${...}, 'deactivate' in aliases, '_OLD_VIRTUAL_ACTIVATE' in globals())\n"
        _, out, err = place.run(program("xonsh-0.25"), text, "script.xsh")
        self.assertEqual(out, "True False False False\n")
        self.assertEqual(err.count("nothing is activated\n"), 2)


if __name__ == "__main__":
    unittest.main()
