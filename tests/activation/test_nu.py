"""activate.nu in the real nushell, of two dialects: strange names, every state before, every way to
source it; what is set, what the prompt's command gives, and that deactivate leaves nothing behind."""

import os
import re
import unittest

from support_shells import Checks, Place, program

STATES = {
    "nothing set": "",
    "all set": "$env.PYTHONHOME = '/h'; $env.VIRTUAL_ENV = '/old'; $env.VIRTUAL_ENV_PROMPT = 'o (d)'",
    "all empty": "$env.PYTHONHOME = ''; $env.VIRTUAL_ENV = ''; $env.VIRTUAL_ENV_PROMPT = ''",
    "no path": "",  # nor had nushell one when it was started
    "empty path": "$env.PATH = []",
    "a path that is a string": "$env.PATH = '/a b:/usr/bin:/bin'",
    "strange path": "$env.PATH = ['/a b' \"/c'd\" '/$e(f)'] ++ $env.PATH",
    "no prompt": "hide-env PROMPT_COMMAND",
    "a prompt that is a string": "$env.PROMPT_COMMAND = '$(touch canary) > '",
    "a prompt of many lines": "$env.PROMPT_COMMAND = {|| \"one\\ntwo \" }",
    "no prompt wanted": "$env.VIRTUAL_ENV_DISABLE_PROMPT = '1'",
    "no prompt wanted, true": "$env.VIRTUAL_ENV_DISABLE_PROMPT = true",
    "prompt wanted after all": "$env.VIRTUAL_ENV_DISABLE_PROMPT = ''",
    "a command deactivate": "def deactivate [x] { print $\"user ($x)\" }",
    "an alias deactivate": "alias deactivate = print user",
}
WAYS = {
    "plain": "overlay use {script}",
    "symlink": "overlay use {link}",
    "relative": "overlay use {relative}",
    "sourced": "source {outer}",
    "over another": "overlay use {other}; overlay use {script}",
    "twice": "overlay use {script}; overlay use {script}",
}
# What the prompt gives comes first, then the state for comparing.
PRELUDE = """\
$env.PROMPT_COMMAND = {|| 'old> ' }
def report [program: string, tag: string] {
  let command = $env.PROMPT_COMMAND?
  let drawn = if ($command | describe) == 'closure' { do $command } else { $command | default '' }
  let values = [PATH PYTHONHOME VIRTUAL_ENV VIRTUAL_ENV_PROMPT] | each {|n| $env | get -KIND $n | to nuon } | append $env.PWD
  let names = $env | columns | where {|n| $n not-in [OLDPWD CURRENT_FILE FILE_PWD LAST_EXIT_CODE] } | sort
  let commands = scope commands | where type == custom | get name | sort
  let aliases = scope aliases | each {|a| $a.name + ' = ' + $a.expansion } | sort
  let lines = $values ++ $names ++ $commands ++ $aliases | str join (char newline)
  ^$program -E -S 'REPORT' $tag $drawn $lines
}
def active [] {
  let command = $env.PROMPT_COMMAND?
  let drawn = if ($command | describe) == 'closure' { do $command } else { $command | default '' }
  ^python -S 'REPORT' active $drawn ($env.PWD) (which python | get path.0)
}
"""


def quoted(text):
    return '"' + text.replace("\\", "\\\\").replace('"', "\\u{22}") + '"'


def of_state(place, number):
    """A third of the names for each state, which takes a third of the time."""
    return place.all[number % 3::3]


def script_for(place, state, offset, shell):
    kind = "i" if shell == "nu-0.101" else "o"
    lines = [PRELUDE.replace("REPORT", place.report).replace("KIND", kind), STATES[state]]
    outside = "report /usr/bin/python3 "
    for i, environment in enumerate(of_state(place, offset)):
        outer = "%s/outer%d.nu" % (place.dir, i)
        with open(outer, "w", encoding="utf-8") as file:
            file.write("overlay use " + quoted(environment.script) + "\n")
        name = list(WAYS)[(i + offset) % len(WAYS)]
        # 0.101 forgets an overlay where the file ends that is sourced.
        way = WAYS["plain" if name == "sourced" and shell == "nu-0.101" else name]
        use = way.format(script=quoted(environment.script), outer=quoted(outer),
                         link=quoted("%s/%d/activate.nu" % (place.links, place.all.index(environment))),
                         relative=quoted("./links/%d/activate.nu" % place.all.index(environment)),
                         other=quoted(place.all[i - 1].script))
        lines += [outside + "before", use, "active", "cd /", "cd " + quoted(place.dir), "deactivate",
                  outside + "after", "cd " + quoted(place.cwd)]
        if "deactivate" in state:
            lines.append("deactivate argument")
    return "\n".join(lines) + "\nprint ''\n"


class Nushell(unittest.TestCase):
    def look_at(self, shell):
        command, place, checks = program(shell), Place("activate.nu"), Checks()
        self.addCleanup(place.remove)
        for number, state in enumerate(STATES):
            if state == "no path" and shell == "nu-0.101":
                continue  # it runs no program then
            text, environments = script_for(place, state, number, shell), of_state(place, number)
            path = {"PATH": None} if state == "no path" else {}
            reports, out, err = place.run(command, text, "script.nu", path)
            checks.same((state, "stderr"), err[:400], "")
            checks.same((state, "executed"), place.executed(), [])
            said = {"a command deactivate": "user argument\n", "an alias deactivate": "user\nargument\n"}
            checks.same((state, "stdout"), out.strip(), (said.get(state, "") * len(environments)).strip())
            checks.same((state, "reports"), len(reports), 3 * len(environments))
            for i, environment in enumerate(environments):
                if len(reports) < 3 * i + 3:
                    break
                way = list(WAYS)[(i + number) % len(WAYS)]
                what = (state, way, environment.dir.split("/")[-1], environment.prompt)
                before, active, after = reports[3 * i:3 * i + 3]
                checks.active(what, environment, before, active, ["PROMPT_COMMAND"])
                drawn = before[1][0]
                if not state.startswith("no prompt wanted"):
                    drawn = "(" + environment.prompt + ") " + drawn
                checks.same(what + ("prompt",), active[1][0], drawn)
                # The directory is the one where the user went meanwhile.
                checks.same(what + ("directory",), after[1][1].split("\n")[4], place.dir)
                after[1][1] = after[1][1].replace(place.dir + "\n", place.cwd + "\n")
                checks.restored(what, before, after)
        checks.verdict(self)

    def test_old_dialect(self):
        self.look_at("nu-0.101")

    def test_new_dialect(self):
        self.look_at("nu-0.115")

    def test_no_name_of_the_callers_is_touched(self):
        """What is set while the overlay is there nushell takes away with it, so there is no second value."""
        place = Place("activate.nu")
        self.addCleanup(place.remove)
        script = place.all[0].script
        with open(script, encoding="utf-8") as file:
            text = re.sub(r"(?m)^ *#.*$", "", file.read())
        variables = sorted(set(re.findall(r"\blet (\w+)", text)) | {"_venv"})
        environment = set(re.findall(r"\$env\.(\w+)", text)) - {
            "PATH", "PYTHONHOME", "VIRTUAL_ENV", "VIRTUAL_ENV_PROMPT", "VIRTUAL_ENV_DISABLE_PROMPT", "PROMPT_COMMAND"}
        self.assertLess({"dir", "prompt", "bin", "old", "name"}, set(variables))
        self.assertEqual(environment, {"_OLD_VIRTUAL"})

        def look(when):
            return ["if $%s != 'first %s' { print '%s %s' }" % (name, name, name, when) for name in variables]

        for shell in ("nu-0.101", "nu-0.115"):
            for value in ("'mine'", "{path: 1}", "[a b]"):
                body = ["let %s = 'first %s'" % (name, name) for name in variables]
                body += ["overlay use " + quoted(script)] + look("active")
                end = ["if $env._OLD_VIRTUAL != %s { print '_OLD_VIRTUAL afterwards' }" % value]
                lines = ["def way [] {"] + body + ["print done }", "$env._OLD_VIRTUAL = " + value, "way"] + end
                lines += body + ["deactivate"] + look("afterwards") + end + ["print done", "print ''"]
                _, out, err = place.run(program(shell), "\n".join(lines) + "\n", "script.nu")
                self.assertEqual((out.strip(), err), ("done\ndone", ""))

    def test_says_so_when_it_is_not_an_overlay(self):
        place = Place("activate.nu")
        self.addCleanup(place.remove)
        for shell in ("nu-0.101", "nu-0.115"):
            text = "use %s *\ndeactivate\n" % quoted(place.all[0].script)
            _, _, err = place.run(program(shell), text, "script.nu")
            self.assertIn("needs `overlay use`", err)

    def test_says_so_when_the_environment_is_gone(self):
        place = Place("activate.nu")
        self.addCleanup(place.remove)
        os.remove(place.all[0].bin + "/python")
        os.rename(place.all[2].dir, place.dir + "/moved")
        for script in (place.all[0].script, place.dir + "/moved/bin/activate.nu"):
            text = "overlay use %s\n" % quoted(script)
            _, _, err = place.run(program("nu-0.115"), text, "script.nu")  # 0.101 shows no error here
            self.assertIn("nothing is activated", err)


if __name__ == "__main__":
    unittest.main()
