"""activate.fish in the real fish: strange names, every state before, every way to source it; what is
set, what the prompt shows, and that deactivate leaves nothing behind."""

import os
import re
import unittest

from support_shells import Checks, Place, program

# What is done before.
STATES = {
    "nothing set": "",  # and fish's own prompt
    "all exported": "set -gx PYTHONHOME /h; set -gx VIRTUAL_ENV /old; set -gx VIRTUAL_ENV_PROMPT 'o d'",
    "all set": "set -g PYTHONHOME /h; set -g VIRTUAL_ENV /old; set -g VIRTUAL_ENV_PROMPT '$x (y) \"'",
    "all empty": "set -g PYTHONHOME; set -g VIRTUAL_ENV ''; set -g VIRTUAL_ENV_PROMPT",
    "all empty and exported": "set -gx PYTHONHOME; set -gx VIRTUAL_ENV ''; set -gx VIRTUAL_ENV_PROMPT",
    "lists": "set -g VIRTUAL_ENV a 'b c' ''; set -gx VIRTUAL_ENV_PROMPT 1 2",
    "universal": "set -U VIRTUAL_ENV /universal; set -Ux VIRTUAL_ENV_PROMPT u",
    "no path": "set -e PATH",
    "empty path": "set -gx PATH",
    "strange path": "set -gx PATH '/a b' \"/c'd\" '/$e' . '' $PATH",
    "path not exported": "set -gu PATH $PATH",
    "a function deactivate": "function deactivate -a x -d 'the user''s'; echo \"user $x\"; end",
    "a prompt of many lines": "function fish_prompt; echo one; echo 'two $(x) '; end",
    "a prompt that shows its arguments": "function fish_prompt; echo \"$argv> \"; end",
    "a prompt that shows the status": "function fish_prompt; echo $status $pipestatus '> '; end",
    "no prompt": "functions -e fish_prompt",
    "no prompt wanted": "set -g VIRTUAL_ENV_DISABLE_PROMPT 1",
    "no prompt wanted, exported": "set -gx VIRTUAL_ENV_DISABLE_PROMPT yes",
    "prompt wanted after all": "set -g VIRTUAL_ENV_DISABLE_PROMPT ''",
}
WAYS = {
    "plain": "source $script",
    "function": "function way; source $script; end; way; functions -e way",
    "arguments": "source $script one 'two three' -x",
    "relative": "cd $bin; source ./activate.fish; cd $cwd",
    "symlink": "source $link/activate.fish",
    "over another": "source $other; source $script",
    "twice": "source $script; source $script",
    "another's function": "function way --no-scope-shadowing; source $script; end; way; functions -e way",
    "in a block": "begin; set -l VIRTUAL_ENV_PROMPT_ x; source $script; end",
    "eval": "eval (string collect < $script)",
}
# The shell's whole state, for comparing: what the prompt draws (after a command that failed) comes
# first, then each variable by scope, then the functions.
PRELUDE = r"""
function fish_command_not_found; end
set -g skipped (string join '|' _ status pipestatus status_generation history version PWD OLDPWD \
    'fish_kill.*' fish_pid last_pid dirprev dirnext __fish_cd_direction SHLVL script bin link other cwd \
    hostname argv v CMD_DURATION)
function variables
    set -gL; set -UL; set -xL
    for v in PATH PYTHONHOME VIRTUAL_ENV VIRTUAL_ENV_PROMPT
        echo $v is (set -q $v; or echo unset) (set -qgx $v; and echo exported) (count $$v)
    end
end
function report
    set -l drawn
    functions -q fish_prompt; and set drawn (false | true; false; fish_prompt an argument | string collect -N)
    set -l all (variables | string match -rv "^($skipped)( |\$)" | string collect)
    set -l names (functions -an | string split ', ' | string match -rv '^(fish_prompt|deactivate)\$' | string collect)
    for f in fish_prompt deactivate
        set -a all (functions -q $f; and functions --no-details $f | string collect; or echo none)
    end
    $argv "$drawn" "$names" $all "$(command -s python)"
end
"""


def quoted(text):
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def of_state(place, number):
    """Every other name for every other state."""
    return place.all[number % 2::2]


def script_for(place, state, offset):
    outside = "report /usr/bin/python3 -E -S %s " % quoted(place.report)
    inside = "report python -S %s active" % quoted(place.report)
    prompt = "function fish_prompt; echo -n '> '; end" if STATES[state] else ""
    lines = [PRELUDE, prompt, STATES[state]]
    ways = list(WAYS)
    for i, environment in enumerate(of_state(place, offset)):
        names = {"script": environment.script, "bin": environment.bin, "cwd": place.cwd,
                 "link": "%s/%d" % (place.links, place.all.index(environment)), "other": place.all[i - 1].script}
        lines += ["set -g %s %s" % (k, quoted(v)) for k, v in names.items()]
        lines += [outside + "before", WAYS[ways[(i + offset) % len(ways)]], inside,
                  "deactivate", outside + "after"]
        lines.append("functions -q deactivate; and deactivate argument")
    lines += ["set -eU VIRTUAL_ENV", "set -eU VIRTUAL_ENV_PROMPT"]
    return "\n".join(lines) + "\n"


class Fish(unittest.TestCase):
    def setUp(self):
        self.command = program("fish")
        self.place = Place("activate.fish")
        self.addCleanup(self.place.remove)

    def test_activates_and_deactivates(self):
        checks = Checks()
        for number, state in enumerate(STATES):
            text, environments = script_for(self.place, state, number), of_state(self.place, number)
            reports, out, err = self.place.run(self.command, text)
            checks.same((state, "stderr"), err[:400], "")
            checks.same((state, "executed"), self.place.executed(), [])
            users = state == "a function deactivate"
            checks.same((state, "stdout"), out, "user argument\n" * len(environments) if users else "")
            checks.same((state, "reports"), len(reports), 3 * len(environments))
            for i, environment in enumerate(environments):
                if len(reports) < 3 * i + 3:
                    break
                before, active, after = reports[3 * i:3 * i + 3]
                way = list(WAYS)[(i + number) % len(WAYS)]
                what = (state, way, environment.dir.split("/")[-1], environment.prompt)
                self.look_at(checks, what, state, environment, before, active)
                checks.restored(what, before, after)
        checks.verdict(self)

    def look_at(self, checks, what, state, environment, before, active):
        hidden = ["PATH"] if state in ("no path", "path not exported") else []
        if hidden:  # nothing is exported that was not
            checks.same(what + ("PATH",), active[2].pop("PATH", None), None)
            active[2]["PATH"], active[3] = environment.bin, active[1][-1]
        checks.active(what, environment, before, active)
        drawn, shown = before[1][0], active[1][0]
        if not state.startswith("no prompt"):
            drawn = "(" + environment.prompt + ") " + drawn
        checks.same(what + ("prompt",), shown.rstrip("\n"), drawn.rstrip("\n"))  # as fish does

    def test_universal_variables(self):
        # Without --no-config: only then are they those of every shell of the user's.
        source = quoted(self.place.all[0].script)
        text = ("set -Ux PYTHONHOME /u; set -U VIRTUAL_ENV /u; set -Ux VIRTUAL_ENV_PROMPT u\n"
                "set -UL >before; env | sort >environment\n"
                "source %s; env >active; deactivate\n"
                "set -UL | diff before -; env | sort | diff environment -\n" % source)
        _, out, err = self.place.run(self.command[:1], text)
        self.assertEqual((out, err), ("", ""))
        with open(self.place.cwd + "/active", encoding="utf-8") as file:
            active = dict(line.split("=", 1) for line in file.read().splitlines())
        self.assertEqual(active.get("PYTHONHOME", ""), "")
        self.assertEqual(active["VIRTUAL_ENV"], self.place.all[0].dir)
        self.assertEqual(active["VIRTUAL_ENV_PROMPT"], self.place.all[0].prompt)

    def test_no_name_of_the_callers_is_touched(self):
        source = self.place.all[0].script
        with open(source, encoding="utf-8") as file:
            text = re.sub(r"(?m)^ *#.*$", "", file.read())
        names = set(re.findall(r"\$(\w+)|set (?:-\S+ )*(\w+)", text))
        names = {name for found in names for name in found if name} | {"_venv", "_VENV_UNDO"}
        names -= {"PATH", "PYTHONHOME", "VIRTUAL_ENV", "VIRTUAL_ENV_PROMPT", "VIRTUAL_ENV_DISABLE_PROMPT", "argv"}
        self.assertGreater(len(names), 6)
        names = " ".join(sorted(names))
        lines = [
            "set -g names %s" % names,
            "for n in $names; set -g $n \"first $n it's\" two; end",
            "source %s" % quoted(source),
            "for n in $names; string match -q -- '_OLD_VIRTUAL_P*' $n; or test (string join ' ' -- $$n) = \"first $n it's two\"; or echo active $n; end",
            "deactivate",
            "for n in $names; test (string join ' ' -- $$n) = \"first $n it's two\"; or echo after $n $$n; set -e $n; end",
            "function f; set -l _venv local; set -l _OLD_VIRTUAL_BIN mine; source %s; echo $_venv $_OLD_VIRTUAL_BIN; "
            "deactivate; echo $_venv $_OLD_VIRTUAL_BIN; end; f" % quoted(source),
        ]
        _, out, err = self.place.run(self.command, "\n".join(lines) + "\n")
        self.assertEqual((out, err), ("local mine\nlocal mine\n", ""))

    def test_functions_of_the_users_are_not_run(self):
        names = "functions printf echo set_color source contains count emit math true false basename"
        lines = ["function fish_prompt; builtin echo -n '> '; end"]
        lines += ["function %s; builtin echo %s was run; end" % (name, name) for name in names.split()]
        lines += ["builtin source %s" % quoted(self.place.all[0].script), "fish_prompt", "deactivate", "fish_prompt"]
        _, out, err = self.place.run(self.command, "\n".join(lines) + "\n")
        self.assertEqual((out.replace("\n", ""), err), ("(%s) > > " % self.place.all[0].prompt, ""))

    def test_says_so_when_the_environment_is_gone(self):
        os.remove(self.place.all[0].bin + "/python")
        moved = self.place.dir + "/moved"
        os.rename(self.place.all[2].dir, moved)
        for script in (self.place.all[0].script, moved + "/bin/activate.fish"):
            text = ("set before $PATH; source %s; and echo wrong\ntest \"$PATH\" = (string join : $before); and not set -q VIRTUAL_ENV; "
                    "and not functions -q deactivate; and echo nothing\n" % quoted(script))
            _, out, err = self.place.run(self.command, text)
            self.assertEqual(out, "nothing\n")
            self.assertIn("nothing is activated", err)


if __name__ == "__main__":
    unittest.main()
