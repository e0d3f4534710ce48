"""What the tests of Activate.ps1 share: a real PowerShell, environments of three makers, and a view of a
whole session to compare."""

import glob
import json
import os
import shutil
import subprocess

from harness import PATH, Environment, program, scratch

# Keeps what the scripts of virtualenv and uv keep: $global:_OLD_VIRTUAL_PATH and the function
# _OLD_VIRTUAL_PROMPT. It trusts what it finds under these names.
STAND_IN = r"""
$Dir = Split-Path (Split-Path $MyInvocation.MyCommand.Path)
function global:deactivate([switch] $NonDestructive) {
  if (Test-Path Variable:_OLD_VIRTUAL_PATH) {
    $env:PATH = $Variable:_OLD_VIRTUAL_PATH
    Remove-Variable _OLD_VIRTUAL_PATH -Scope Global
  }
  if (Test-Path Function:_OLD_VIRTUAL_PROMPT) {
    $Function:prompt = $Function:_OLD_VIRTUAL_PROMPT
    Remove-Item Function:_OLD_VIRTUAL_PROMPT
  }
  if ($env:VIRTUAL_ENV) { Remove-Item Env:VIRTUAL_ENV }
  if ($env:VIRTUAL_ENV_PROMPT) { Remove-Item Env:VIRTUAL_ENV_PROMPT }
  if (-not $NonDestructive) { Remove-Item Function:deactivate }
}
deactivate -NonDestructive
$env:VIRTUAL_ENV = $Dir
$env:VIRTUAL_ENV_PROMPT = Split-Path -Leaf $Dir
New-Variable -Scope Global -Name _OLD_VIRTUAL_PATH -Value $env:PATH
$env:PATH = "$Dir/bin:$env:PATH"
function global:_OLD_VIRTUAL_PROMPT { '' }
$Function:_OLD_VIRTUAL_PROMPT = $Function:prompt
function global:prompt { "($env:VIRTUAL_ENV_PROMPT) " + (& $Function:_OLD_VIRTUAL_PROMPT) }
"""

# View gives the session as text, by kind and name; Draw what a prompt shows, written and returned.
PRELUDE = r"""
$ErrorView = 'ConciseView'
function global:prompt { 'base> ' }
function global:Draw { -join (prompt 6>&1) }
function global:View {
  $All = [ordered] @{}
  foreach ($V in Get-Variable -Scope Global) {
    if ($V.Name -notin 'V', 'All', '?', '^', '$', '_', 'args', 'input', 'foreach', 'Matches', 'MyInvocation', 'PSItem',
        'StackTrace', 'Error', 'PSBoundParameters', 'PWD', 'before', 'mine') {
      $All["variable $($V.Name)"] = "$($V.Options) $($V.Value)"
    }
  }
  foreach ($F in Get-ChildItem Function:) { $All["function $($F.Name)"] = "$($F.Options) $($F.Definition)" }
  foreach ($A in Get-ChildItem Alias:) { $All["alias $($A.Name)"] = "$($A.Options) $($A.Definition) $($A.Description)" }
  foreach ($E in Get-ChildItem Env:) { $All["environment $($E.Name)"] = $E.Value }
  $All['errors'] = $Error.Count
  $All['exit'] = "$global:LASTEXITCODE"
  $All
}
function global:Same($What, $Before, $Ignored = @()) {
  $After = View
  foreach ($Key in @($Before.Keys) + @($After.Keys) | Sort-Object -Unique) {
    if ($Before[$Key] -cne $After[$Key] -and $Key -notin $Ignored) {
      "$What`: $Key was [$($Before[$Key])], is [$($After[$Key])]"
    }
  }
}
function global:Is($What, $Found, $Expected) {
  $global:checks++
  if ($Found -cne $Expected) { "$What`: is [$Found], expected [$Expected]" }
}
$global:checks = 0
$global:LASTEXITCODE = 3
$base = $env:PATH
Remove-Item Env:PSModulePath
"""


def reference_script():
    """The script of Python's own venv: of the newest here."""
    found = glob.glob(os.path.expanduser("~/.pyenv/versions/3.1[0-9]*/lib/python3.*/venv/scripts/common/Activate.ps1"))
    return sorted(found, key=len)[-1] if found else glob.glob("/usr/lib/python3.*/venv/scripts/common/Activate.ps1")[0]


class Session:
    """A folder with environments: `o1`, `o2`, `o3` ours, `c` with Python's script, `u` with the stand-in."""

    def __init__(self):
        self.command = program("pwsh")
        self.dir = os.path.realpath(scratch())
        self.home = self.dir + "/home"
        os.mkdir(self.home)
        for name in ("o1", "o2", "o3", "c", "u", "a:b"):
            Environment(self.dir, name, name, "Activate.ps1")
        shutil.copy(reference_script(), self.dir + "/c/bin/Activate.ps1")
        with open(self.dir + "/u/bin/Activate.ps1", "w") as file:
            file.write(STAND_IN)

    def write(self, name, text):
        with open(os.path.join(self.dir, name), "w", encoding="utf-8") as file:
            file.write(text)

    def run(self, text, *arguments, env=None, prelude=PRELUDE, timeout=300):
        """What a script printed, and its errors."""
        self.write("script.ps1", prelude + "Set-Location -LiteralPath '%s'\n" % self.dir + text)
        environment = {"PATH": PATH, "HOME": self.home, "LC_ALL": "C.UTF-8", "TERM": "dumb", "NO_COLOR": "1",
                       "POWERSHELL_TELEMETRY_OPTOUT": "1", "POWERSHELL_UPDATECHECK": "Off"}
        environment.update(env or {})
        done = subprocess.run(self.command + ["-NonInteractive", "-File", self.dir + "/script.ps1"] + list(arguments),
                              cwd=self.dir, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, timeout=timeout)
        return done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace")

    def check(self, text, *arguments, **more):
        """Nothing may be printed but `checks N`, N > 0, which each script ends with."""
        out, err = self.run(text + "\n\"checks $global:checks\"\n", *arguments, **more)
        lines = out.splitlines()
        assert not err and len(lines) == 1 and lines[0].startswith("checks ") and lines[0] != "checks 0", \
            "\n".join(lines[:25]) + "\n" + err[:1500]

    def json(self, name, value):
        self.write(name, json.dumps(value))

    def remove(self):
        shutil.rmtree(self.dir)
