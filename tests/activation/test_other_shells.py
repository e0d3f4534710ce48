"""fish, csh, tcsh, elvish, nushell and xonsh: strange names, states before, nested activation; what
is set, and that everything is as it was afterwards."""

import os
import re
import subprocess

import pytest

from harness import PATH, QUOTE_TOOL, STRANGE, Environment, canaries, program, run, scratch, script_of

# How each says: source a script; look at everything (`dump WORD`); and what is done to begin with.
LANGUAGES = {
    "fish": {
        "source": "source {}",
        "start": r"""
function dump
  echo "@ $argv"
  for v in PATH PYTHONHOME VIRTUAL_ENV VIRTUAL_ENV_PROMPT
    set --show $v | string match -v '*originally inherited*'
  end
  /usr/bin/env
  functions deactivate fish_prompt | string match -v '#*'
  functions -a | string match -e -r 've.*nv|virtual'
  set -n | string match -e -i -r 'venv|virtual'
end
function fish_prompt; echo P; end
""",
        "states": {
            "nothing": "",
            "all exported": "set -gx PYTHONHOME /h; set -gx VIRTUAL_ENV /old; set -gx VIRTUAL_ENV_PROMPT 'o d'",
            "all set": "set -g PYTHONHOME /h; set -g VIRTUAL_ENV /old; set -g VIRTUAL_ENV_PROMPT 'o d'",
            "all empty": "set -gx PYTHONHOME ''; set -gx VIRTUAL_ENV; set -g VIRTUAL_ENV_PROMPT ''",
            "PATH not exported": "set -gu PATH $PATH",
            "PATH empty": "set -gx PATH",
            "a function deactivate": "function deactivate; echo mine; end",
            "no prompt wanted": "set -g VIRTUAL_ENV_DISABLE_PROMPT 1",
            "no prompt": "functions -e fish_prompt",
        },
    },
    "csh": {
        "source": "source {}",
        "start": "set prompt = '> '\nalias dump 'echo @ \\!*; set; alias; /usr/bin/env'\n",
        "states": {
            "nothing": "",
            "all set": "setenv PYTHONHOME /h; setenv VIRTUAL_ENV /old; setenv VIRTUAL_ENV_PROMPT 'o  d'",
            "all empty": "setenv PYTHONHOME ''; setenv VIRTUAL_ENV ''; setenv VIRTUAL_ENV_PROMPT ''; setenv PATH ''",
            "no PATH": "unsetenv PATH",
            "no prompt": "unset prompt",
            "no prompt wanted": "setenv VIRTUAL_ENV_DISABLE_PROMPT 1",
            "strange prompt": "set prompt = 'a%b \\!  $x `y` \"z\" > '",
            "an alias deactivate": "alias deactivate 'echo mine \\!*; echo \"two  words\"'",
        },
    },
    "elvish": {
        "source": "var env = $nil; eval &on-end={|ns| set env = $ns} (slurp < {})",
        "deactivate": "$env[deactivate~]",
        "start": "fn dump {|word| echo '@ '$word; e:/usr/bin/env }\n",
        "states": {
            "nothing": "",
            "all set": "set-env PYTHONHOME /h; set-env VIRTUAL_ENV /old; set-env VIRTUAL_ENV_PROMPT 'o d'",
            "all empty": "set-env PYTHONHOME ''; set-env VIRTUAL_ENV ''; set-env VIRTUAL_ENV_PROMPT ''; set-env PATH ''",
            "no PATH": "unset-env PATH",
        },
    },
    "nu": {
        "source": "overlay use {}",
        "start": r"""
def dump [word] {
  print $"@ ($word)"
  ^/usr/bin/env | print --raw
  print ($env | columns | where $it =~ '(?i)venv|virtual|PYTHONHOME|^PATH' | sort | str join ' ')
  print ($env.PYTHONHOME? | to nuon) ($env.PROMPT_COMMAND? | describe) ($env.PATH? | to nuon --raw)
}
""",
        "states": {
            "nothing": "",
            "all set": "$env.PYTHONHOME = '/h'; $env.VIRTUAL_ENV = '/old'; $env.VIRTUAL_ENV_PROMPT = 'o d'",
            "all empty": "$env.PYTHONHOME = ''; $env.VIRTUAL_ENV = ''; $env.VIRTUAL_ENV_PROMPT = ''; $env.PATH = []",
            "PATH a string": "$env.PATH = '/usr/bin:/bin'",
            "a prompt": "$env.PROMPT_COMMAND = {|| 'mine' }",
            "no prompt wanted": "$env.VIRTUAL_ENV_DISABLE_PROMPT = '1'",
            "a command deactivate": "def deactivate [] { print mine }",
        },
    },
    "xonsh": {
        "source": "source {}",
        "start": r"""
def _dump(args):
    print("@ " + args[0], flush=True)
    for name in sorted(${...}._d):
        if name in ("PATH", "PYTHONHOME", "PROMPT") or "VIRTUAL" in name:
            print(name, repr(${...}._d[name]))
    print(sorted(k for k in aliases if "act" in k), aliases.get("deactivate"), flush=True)
    print(sorted(k for k in __xonsh__.ctx if "venv" in k), __xonsh__.env["PROMPT_FIELDS"].get("env_name"), flush=True)
    import os
    for key, value in sorted(__xonsh__.env.detype().items()):
        print(key + "=" + value)
    import sys; sys.stdout.flush()
aliases["dump"] = _dump
""",
        "states": {
            "nothing": "",
            "all set": "$PYTHONHOME = '/h'; $VIRTUAL_ENV = '/old'; $VIRTUAL_ENV_PROMPT = 'o d'",
            "all empty": "$PYTHONHOME = ''; $VIRTUAL_ENV = ''; $VIRTUAL_ENV_PROMPT = ''; $PATH = []",
            "no PATH": "del $PATH",
            "no prompt wanted": "$VIRTUAL_ENV_DISABLE_PROMPT = True",
            "an alias deactivate": "aliases['deactivate'] = 'echo mine'",
            "a function deactivate": "aliases['deactivate'] = lambda args: print('mine')",
        },
    },
}
LANGUAGES["tcsh"] = LANGUAGES["csh"]
CASES = [(shell, state) for shell in
         ["fish", "csh", "tcsh", "elvish", "nu-0.101", "nu-0.115", "xonsh-0.13", "xonsh-0.25"]
         for state in LANGUAGES[shell.split("-")[0]]["states"]]
VOLATILE = re.compile(r"^(_|status|SHLVL|OLDPWD|PWD|argv|CMD_DURATION|history|LAST_RETURN_CODE|path)\b|^command\s")


def quoted(base, text):
    out = subprocess.run([QUOTE_TOOL, "quote", base], input=text.encode() + b"\0", stdout=subprocess.PIPE)
    return out.stdout[1:-1].decode()


def lines_of(text):
    return sorted(l for l in text.split("\n") if l.strip() and not VOLATILE.match(l))


@pytest.mark.parametrize("shell,state", CASES, ids=["%s, %s" % c for c in CASES])
def test_activates_and_deactivates(shell, state):
    folder = os.path.realpath(scratch())
    command, base = program(shell), shell.split("-")[0]
    language = LANGUAGES[base]
    lines = [language["start"], language["states"][state]]
    environments = [Environment(os.path.join(folder, "base"), n, n, script_of(shell)) for n in STRANGE]
    other = Environment(folder, "other", "other", script_of(shell))
    deactivate = language.get("deactivate", "deactivate")
    for i, environment in enumerate(environments):
        os.symlink(environment.bin, "%s/link%d" % (folder, i))
        path = quoted(base, environment.script)
        if i % 3 == 1 or base in ("nu", "xonsh"):  # those two expand more than their literals say
            path = "./link%d/%s" % (i, script_of(shell))
        lines += ["dump before"]
        if i % 3 == 2 and base != "elvish":  # over another; in elvish that needs a terminal
            lines += [language["source"].format(quoted(base, other.script))]
        lines += [language["source"].replace("{}", path), "dump active", deactivate, "dump after"]
    environ = {"PATH": PATH}
    result = run(command, "\n".join(lines) + "\n", folder, env=environ, timeout=120)
    out = result.stdout.decode("utf-8", "replace")
    pieces = re.split(r"^@ (before|active|after)$", out, flags=re.M)[1:]
    words, pieces = pieces[0::2], pieces[1::2]
    assert words == ["before", "active", "after"] * len(STRANGE), result.stderr.decode()[-1500:]
    found = []
    for i, environment in enumerate(environments):
        before, active, after = map(lines_of, pieces[3 * i:3 * i + 3])
        if before != after:
            found.append((environment.prompt, "not put back", [l for l in before if l not in after],
                          [l for l in after if l not in before]))
        env = dict(l.split("=", 1) for l in pieces[3 * i + 1].split("\n") if re.match(r"\w+=", l))
        old = dict(l.split("=", 1) for l in pieces[3 * i].split("\n") if re.match(r"\w+=", l))
        path = environment.bin + (":" + old["PATH"] if old.get("PATH") else "")
        if env.get("PATH") != (None if state == "PATH not exported" else path):
            found.append((environment.prompt, "PATH", env.get("PATH"), path))
        if env.get("VIRTUAL_ENV") != environment.dir or env.get("VIRTUAL_ENV_PROMPT") != environment.prompt:
            found.append((environment.prompt, env.get("VIRTUAL_ENV"), env.get("VIRTUAL_ENV_PROMPT")))
        if "PYTHONHOME" in env:
            found.append((environment.prompt, "PYTHONHOME"))
        new = set(env) - set(old) - {"VIRTUAL_ENV", "VIRTUAL_ENV_PROMPT", "PATH"}
        if new:
            found.append((environment.prompt, "exported", new))
    if result.stderr:
        found.append(("stderr", result.stderr.decode()[:400]))
    print("checks: %d, failed: %d" % (len(STRANGE), len({f[0] for f in found} - {"stderr"})))
    assert not canaries(folder)
    assert not found, "\n".join(map(repr, found[:10]))
