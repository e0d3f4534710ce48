"""activate.elv in the real elvish: strange names and every state before, in a script; and at a
terminal, where it has a prompt and a command deactivate."""

import os
import re
import unittest

from harness import Terminal
from support_shells import Checks, Place, program

STATES = {
    "nothing set": "",
    "all set": "set-env PYTHONHOME /h; set-env VIRTUAL_ENV /old; set-env VIRTUAL_ENV_PROMPT 'o (d)'",
    "all empty": "set-env PYTHONHOME ''; set-env VIRTUAL_ENV ''; set-env VIRTUAL_ENV_PROMPT ''",
    "no path": "unset-env PATH",
    "empty path": "set-env PATH ''",
    "strange path": "set-env PATH '/a b:/c''d:/$e(f):'$E:PATH",
    "no prompt wanted": "set-env VIRTUAL_ENV_DISABLE_PROMPT 1",
    "a function deactivate": "fn deactivate {|@a| echo user $@a }",
}
USE = "set env = $nil; eval &on-end={{|ns| set env = $ns}} (slurp < %s)"
WAYS = {
    "plain": [USE % "{script}"],
    "symlink": [USE % "{link}"],
    "relative": ["cd {bin}", USE % "activate.elv", "cd {cwd}"],
    "function": ["fn way {{ " + USE % "{script}" + " }}", "way"],
    "after another": [USE % "{other}", "$env[leave~]", USE % "{script}"],
}


def quoted(text):
    return "'" + text.replace("'", "''") + "'"


def outside(place):
    return "/usr/bin/python3 -E -S %s " % quoted(place.report)


def some(place, number):
    """Half of the environments, by number: each is in every second state, each time in another way."""
    return list(enumerate(place.all))[number % 2::2]


def script_for(place, state, number):
    lines = ["var env = $nil", STATES[state]]
    for i, environment in some(place, number):
        words = {"script": environment.script, "bin": environment.bin, "cwd": place.cwd,
                 "link": "%s/%d/activate.elv" % (place.links, i), "other": place.all[i - 1].script}
        words = {k: quoted(v) for k, v in words.items()}
        way = list(WAYS.values())[(i + number) % len(WAYS)]
        lines += [outside(place) + "before"]
        lines += [part.format(**words) for part in way]
        lines += ["python -S %s active" % quoted(place.report), "$env[leave~]", outside(place) + "after"]
        if state == "a function deactivate":
            lines.append("deactivate argument")
    return "\n".join(lines) + "\n"


class Elvish(unittest.TestCase):
    def setUp(self):
        self.command = program("elvish")
        self.place = Place("activate.elv")
        self.addCleanup(self.place.remove)

    def test_in_a_script(self):
        place, checks = self.place, Checks()
        for number, state in enumerate(STATES):
            reports, out, err = place.run(self.command, script_for(place, state, number), "script.elv")
            checks.same((state, "stderr"), err[-400:], "")
            checks.same((state, "executed"), place.executed(), [])
            environments = some(place, number)
            said = "user argument\n" * len(environments) if state == "a function deactivate" else ""
            checks.same((state, "stdout"), out, said)
            checks.same((state, "reports"), len(reports), 3 * len(environments))
            for k, (i, environment) in enumerate(environments):
                if len(reports) < 3 * k + 3:
                    break
                what = (state, list(WAYS)[(i + number) % len(WAYS)], environment.dir.split("/")[-1])
                before, active, after = reports[3 * k:3 * k + 3]
                checks.active(what, environment, before, active)
                checks.restored(what, before, after)
        checks.verdict(self)

    def test_at_a_terminal(self):
        """What the prompt gives is asked of elvish: drawing it is what test_prompt.py looks at."""
        checks = Checks()
        for users in (False, True):
            for wanted in (True, False):
                self.place.reset()
                environments = self.place.all[users::4]
                lines = ["set edit:prompt = { put 'old> ' }"]
                if users:
                    lines += ["fn deactivate {|@a| %s user $@a }" % outside(self.place)]
                    lines += ["fn _OLD_VIRTUAL_ENV-leave { put mine }"]
                if not wanted:
                    lines += ["set-env VIRTUAL_ENV_DISABLE_PROMPT 1"]
                drawn = "(str:join '' [($edit:prompt)]) (resolve deactivate) (resolve _OLD_VIRTUAL_ENV-leave)"
                for i, environment in enumerate(environments):
                    mine = " (_OLD_VIRTUAL_ENV-leave)" if users else ""
                    lines += [outside(self.place) + "before " + drawn + mine]
                    if i % 2:  # over another
                        lines += ["eval (slurp < %s)" % quoted(self.place.all[i].script)]
                    lines += ["eval (slurp < %s)" % quoted(environment.script),
                              "python -S %s active %s" % (quoted(self.place.report), drawn),
                              "deactivate", outside(self.place) + "after " + drawn + mine]
                    if users:
                        lines += ["deactivate argument"]
                self.type_in(lines)
                reports = self.place.reports()
                each = 4 if users else 3
                checks.same((users, wanted, "reports"), len(reports), each * len(environments))
                for i, environment in enumerate(environments):
                    if len(reports) < each * i + each:
                        break
                    before, active, after = reports[each * i:each * i + 3]
                    what = (users, wanted, environment.prompt)
                    checks.active(what, environment, before, active)
                    shown = "(" + environment.prompt + ") " if wanted else ""
                    checks.same(what, active[1][:1], [shown + "old> "])
                    checks.restored(what, before, after)
                    if users:
                        checks.same(what, reports[each * i + 3][:2], ["user", ["argument"]])
                checks.same((users, wanted, "executed"), self.place.executed(), [])
        checks.verdict(self)

    def test_no_name_of_the_callers_is_touched(self):
        script = self.place.all[0].script
        with open(script, encoding="utf-8") as file:
            text = re.sub(r"(?m)^ *#.*$", "", file.read())
        variables = sorted(set(re.findall(r"\bvar ([\w-]+)", text)) | {"_venv"})
        functions = sorted(set(re.findall(r"\bfn ([\w-]+)|&([\w-]+)~=", text)))
        functions = sorted({name for found in functions for name in found if name})
        self.assertLess({"dir", "prompt", "bin", "undo"}, set(variables))
        self.assertLess({"leave", "deactivate", "_OLD_VIRTUAL_ENV-leave"}, set(functions))
        use = USE.format() % quoted(script)

        def look(value, when):
            for name in variables:
                yield "if (not-eq $%s '%s') { echo %s %s }" % (name, value + name, name, when)
            for name in functions:
                yield "if (not-eq (%s) '%s') { echo %s~ %s }" % (name, value + name, name, when)

        def check(before, again, end):
            lines = ["%s %s = '%s'" % (before, name, "first" + name) for name in variables]
            lines += ["fn %s { put 'first%s' }" % (name, name) for name in functions]
            lines += [use] + list(look("first", "active"))
            lines += ["%s %s = '%s'" % (again, name, "second" + name) for name in variables]
            lines += ["set %s~ = { put 'second%s' }" % (name, name) for name in functions]
            return lines + ["$env[leave~]"] + list(look("second", "afterwards")) + [end]

        lines = ["var env = $nil"] + check("var", "set", "echo done")
        lines += ["fn way {"] + check("var", "set", "echo done") + ["}", "way"]
        _, out, err = self.place.run(self.command, "\n".join(lines) + "\n", "script.elv")
        self.assertEqual((out, err), ("done\ndone\n", ""))

    def test_a_second_one_in_a_script_takes_the_first_off_path(self):
        one, two = self.place.all[0], self.place.all[1]
        lines = ["var env = $nil", "var before = $E:PATH", USE.format() % quoted(one.script), "var first = $env", "var between = $E:PATH",
                 USE.format() % quoted(two.script), "if (not-eq $E:PATH %s\":\"$before) { echo $E:PATH }" % quoted(two.bin),
                 "$env[leave~]", "if (not-eq $E:PATH $between) { echo between $E:PATH }",
                 "$first[leave~]", "if (not-eq $E:PATH $before) { echo after $E:PATH }", "echo done"]
        _, out, err = self.place.run(self.command, "\n".join(lines) + "\n", "script.elv")
        self.assertEqual((out, err), ("done\n", ""))

    def test_says_so_when_the_environment_is_gone(self):
        os.remove(self.place.all[0].bin + "/python")
        os.rename(self.place.all[2].dir, self.place.dir + "/moved")
        lines = ["var before = $E:PATH"]
        for script in (self.place.all[0].script, self.place.dir + "/moved/bin/activate.elv"):
            lines.append("try { eval (slurp < %s); echo wrong } catch e { echo $e[reason][content] }" % quoted(script))
        lines.append("if (and (eq $before $E:PATH) (not (has-env VIRTUAL_ENV))) { echo nothing }")
        _, out, err = self.place.run(self.command, "\n".join(lines) + "\n", "script.elv")
        self.assertEqual(out.count("nothing is activated\n"), 2)
        self.assertEqual((out.split("\n")[-2], err), ("nothing", ""))

    def type_in(self, lines):
        terminal = Terminal(self.command, self.place.cwd, {"HOME": self.place.dir + "/home"})
        terminal.read(None, seconds=10, quiet=1.0)
        for line in ["use str"] + lines:
            terminal.send(line, "\r")
            terminal.read(None, seconds=5, quiet=0.12)
        terminal.close()


if __name__ == "__main__":
    unittest.main()
