"""Activate.ps1 in a real PowerShell 7."""

import itertools
import os
import re
import shutil

import pytest

from harness import STRANGE, Environment, Terminal, canaries, plain, source_of
from support_powershell import Session


@pytest.fixture(scope="module")
def session():
    session = Session()
    yield session
    session.remove()


# What is done before.
STATES = {
    "nothing": "",
    "all set": "$env:PYTHONHOME = '/h'; $env:VIRTUAL_ENV = '/old'; $env:VIRTUAL_ENV_PROMPT = 'o (d)'",
    "an outer shell's": "$env:_OLD_VIRTUAL_PATH = '/outer'; $env:_OLD_VIRTUAL_PYTHONHOME = '/o'; $global:_OLD_VIRTUAL_PATH = 7",
    "strict": "Set-StrictMode -Version Latest; $ErrorActionPreference = 'Stop'",
    "what if": "$WhatIfPreference = $true",
    "confirm": "$ConfirmPreference = 'Low'; $InformationPreference = 'Ignore'",
    "no PATH": "$env:PATH = $null",
    "a function deactivate": "function global:deactivate { 'user' }",
    "a read-only function": "Set-Item Function:global:deactivate { 'user' } -Options ReadOnly",
    "an alias": "Set-Alias deactivate Get-Date -Option ReadOnly -Description 'd d' -Scope Global",
    "an alias everywhere": "Set-Alias deactivate Get-Date -Option AllScope -Description 'd d' -Scope Global",
    "no prompt wanted": "$env:VIRTUAL_ENV_DISABLE_PROMPT = '1'",
    "restricted": "$ExecutionContext.SessionState.LanguageMode = 'ConstrainedLanguage'",
}
WAYS = {
    "plain": "& $One.script",
    "dot": ". $One.script",
    "by a link": "& $One.link",
    "over another": "& ./o1/bin/Activate.ps1; & $One.script",
    "twice": "& $One.script; & $One.script",
    "from a function": "function way { & $One.script }; way",
    "after a failure": "Get-Item /nowhere -ErrorAction Ignore; & $One.script",
}
STRANGE_NAMES = r"""
$all = Get-Content names.json -Raw | ConvertFrom-Json
STATE
$before = View
foreach ($index in 0..($all.Count - 1)) {
  $One = $all[$index]
  $what = "$($One.dir) $($One.prompt)"
  WAY
  Is "$what `$?" $? $true
  Is "$what VIRTUAL_ENV" $env:VIRTUAL_ENV $One.dir
  Is "$what VIRTUAL_ENV_PROMPT" $env:VIRTUAL_ENV_PROMPT $One.prompt
  $old = if ($before['environment PATH']) { ':' + $before['environment PATH'] } else { '' }
  Is "$what PATH" $env:PATH ($One.dir + '/bin' + $old)
  Is "$what PYTHONHOME" $env:PYTHONHOME $null
  $name = if ($env:VIRTUAL_ENV_DISABLE_PROMPT) { '' } else { "($($One.prompt)) " }
  Is "$what prompt" (Draw) ($name + 'base> ')
  deactivate
  Is "$what after `$?" $? $true
  Is "$what prompt after" (Draw) 'base> '
}
Same 'in the end' $before 'variable checks', 'variable index', 'variable what', 'variable One', 'variable old', 'variable name', 'function way'
"""


@pytest.mark.parametrize("number,state", list(enumerate(STATES)), ids=list(STATES))
def test_strange_names(session, number, state):
    base = session.dir + "/base 'dir' %d" % number
    links = base + " links"
    os.makedirs(links)
    names = []
    for i, name in list(enumerate(STRANGE))[number % 2::2]:  # half of them in each state
        prompt = name if i % 4 < 2 else STRANGE[-i]
        environment = Environment(base, name, prompt, "Activate.ps1")
        os.symlink(environment.bin, "%s/%d" % (links, i))
        names.append({"script": environment.script, "dir": environment.dir, "prompt": prompt,
                      "link": "%s/%d/Activate.ps1" % (links, i)})
    # PowerShell reads a backslash of a path as a slash, and finds no such file: there only by a link.
    if state == "restricted":  # methods that take it as it is can't be called then
        names = [one for one in names if "\\" not in one["dir"]]
    for one in names:
        if "\\" in one["script"]:
            one["script"] = one["link"]
    session.json("names.json", names)
    way = list(WAYS.values())[number % len(WAYS)]
    session.check(STRANGE_NAMES.replace("STATE", STATES[state]).replace("WAY", way))
    assert not canaries(session.dir)


ORDERS = r"""
Remove-Item Function:prompt
$all = Get-Content orders.json -Raw | ConvertFrom-Json
foreach ($order in $all) {
  $shell = [powershell]::Create()
  $null = $shell.AddScript({
    param($Order, $Dir, $Base)
    Set-Location -LiteralPath $Dir
    function global:prompt { 'base> ' }
    function global:Draw { -join (prompt 6>&1) }
    $said = @()
    foreach ($one in $Order.Split(' ')) {
      switch ($one) {
        'x' { deactivate }
        'r' { Remove-Item Function:deactivate }
        'd' { function global:deactivate { 'mine' } }
        default { & "./$one/bin/Activate.ps1" }
      }
      if ($one.Length -gt 1 -or $one -in 'c', 'u') {
        $now = Draw
        if ($now -cne "($one) base> ") { $said += "$Order`: prompt is [$now]" }
        if ($env:PATH -cne "$Dir/$one/bin:$Base") { $said += "$Order`: PATH is $env:PATH" }
        if ($env:VIRTUAL_ENV -cne "$Dir/$one") { $said += "$Order`: VIRTUAL_ENV is $env:VIRTUAL_ENV" }
      }
    }
    $said
    if ((Draw) -cne 'base> ') { "$Order`: prompt in the end is [$(Draw)]" }
    if ("$Function:prompt" -cne " 'base> ' ") { "$Order`: prompt in the end is $Function:prompt" }
    if ($env:PATH -cne $Base) { "$Order`: PATH in the end is $env:PATH" }
    foreach ($Name in 'VIRTUAL_ENV', 'VIRTUAL_ENV_PROMPT', 'PYTHONHOME') {
      if (Test-Path Env:$Name) { "$Order`: $Name is left" }
    }
    if ($Order -match 'o. x$' -and $Order -notmatch '[cu]') {
      Get-ChildItem Env: | Where-Object Name -Match VIRTUAL | ForEach-Object { "$Order`: $($_.Name) is left" }
    }
    if ($Order -match 'o. x$') {
      if (Get-Variable _OLD_VIRTUAL_STATE -ErrorAction Ignore) { "$Order`: the state is left" }
      if (Test-Path Function:_OLD_VIRTUAL_PROMPT) { "$Order`: a function is left" }
    }
    if ($Order -notmatch 'c') { $Error | ForEach-Object { "$Order`: $_" } }
  }).AddArgument($order).AddArgument("$PWD").AddArgument($base)
  foreach ($Line in $shell.Invoke()) { "$Line" }
  $shell.Dispose()
  Get-ChildItem Env: | Where-Object Name -Match VIRTUAL | Remove-Item
  $env:PATH = $base
  $global:checks++
}
"""


def test_every_order_of_three_makers(session):
    """Then `deactivate`. U before C is not undone without us either: C doesn't know U's names."""
    orders = [order for count in (1, 2, 3) for order in itertools.product(["o1", "o2", "c", "u"], repeat=count)]
    orders = [" ".join(order) + " x" for order in orders]
    orders = [order for order in orders if not ("u c" in order or "c u" in order)]
    # A deactivate that has been lost, or become the user's.
    for lost in ("r", "d"):
        orders += ["o1 %s o2 x" % lost, "o1 %s o1 x" % lost, "o1 %s c x" % lost, "o1 %s u x" % lost]
    orders += ["c r o1 x", "u r o1 x", "o1 x c x o2 x", "o1 o2 o3 x o1 x", "o1 c x o1 x", "o1 u x o1 x"]
    session.json("orders.json", orders)
    session.check(ORDERS)


# Each is a test of its own, in a session of its own.
CASES = {
    "a prompt that calls itself through a wrapper comes to an end": r"""
        & ./o1/bin/Activate.ps1
        $global:kept = $Function:prompt
        function global:prompt { '<' + (& $global:kept) + '>' }
        Is 'wrapped' (Draw) '(o1) <base> >'
        deactivate
        Is 'left' (Draw) '<base> >'
        & ./o2/bin/Activate.ps1
        Is 'over the wrapper' (Draw) '(o2) <base> >'
        $global:kept = $Function:prompt         # the tool is initialized again
        function global:prompt { '<' + (& $global:kept) + '>' }
        Is 'a circle' (Draw) '(o2) <<base> >>'
        deactivate
        Is 'a circle' (Draw) '<<base> >>'
        function global:prompt { 'new> ' }
        & ./o1/bin/Activate.ps1
        Is 'new' (Draw) '(o1) new> '
        deactivate
        Is 'new' (Draw) 'new> '
    """,
    "a prompt saved while active and put back later": r"""
        & ./o1/bin/Activate.ps1
        $saved = $Function:prompt
        function global:prompt { 'tool> ' }
        deactivate
        Is 'the tool stays' (Draw) 'tool> '
        $Function:prompt = $saved
        Is 'put back' (Draw) 'base> '
        & ./o2/bin/Activate.ps1
        Is 'over ours' (Draw) '(o2) base> '
        deactivate
        Is 'left' (Draw) 'base> '
        $Function:prompt = $saved
        Is 'nothing kept' (Draw) "PS $PWD> "
        & ./o2/bin/Activate.ps1
        Is 'nothing kept, active' (Draw) "(o2) PS $PWD> "
        deactivate
        Is 'nothing kept, left' (Draw) "PS $PWD> "
    """,
    "variables removed": r"""
        $env:BASE = $env:PATH
        & ./o1/bin/Activate.ps1
        Remove-Variable * -ErrorAction SilentlyContinue
        $Error.Clear()
        Is 'prompt' (Draw) '(o1) base> '
        deactivate
        $global:checks = 1
        Is 'left' (Draw) 'base> '
        Is 'PATH' $env:PATH $env:BASE
        if (Test-Path Function:deactivate) { 'deactivate is left' }
        if (Get-Variable _OLD_VIRTUAL*) { 'a variable is left' }
    """,
    "variables removed by force": r"""
        & ./o1/bin/Activate.ps1
        Remove-Variable _OLD_VIRTUAL* -Force
        Is 'prompt' (Draw) "PS $PWD> "
        deactivate
        Is 'PATH' $env:PATH $base
        Is 'left' (Draw) 'base> '
        Is 'still there' (Test-Path Function:deactivate) $true
        deactivate
        Is 'PATH' $env:PATH $base
        & ./o2/bin/Activate.ps1
        deactivate
        Is 'gone' (Test-Path Function:deactivate) $false
    """,
    "a prompt that writes": r"""
        function global:prompt { Write-Host -NoNewline "wrote $? "; 'A'; 7; }
        & ./o1/bin/Activate.ps1
        Get-Item /nowhere -ErrorAction Ignore
        $all = prompt 6>&1
        Is 'failed' ("$all") '(o1)  wrote False  A 7'
        Is 'types' $all[3].GetType().Name 'Int32'
        $null = 1
        Is 'succeeded' ("$(prompt 6>&1)") '(o1)  wrote True  A 7'
        function global:prompt { }
        deactivate
        & ./o1/bin/Activate.ps1
        Is 'nothing' @(prompt 6>$null).Count 0
        deactivate
    """,
    "a prompt changed while active stays": r"""
        & ./o1/bin/Activate.ps1
        function prompt { 'mine> ' }
        Is 'changed' (Draw) 'mine> '
        deactivate
        Is 'stays' (Draw) 'mine> '
        & ./o2/bin/Activate.ps1
        $inner = $Function:prompt
        function prompt { '[' + $inner.Invoke() + ']' }
        Is 'wrapped by Invoke' (Draw) '(o2) [mine> ]'
        & ./o1/bin/Activate.ps1
        Is 'over another' (Draw) '(o1) [mine> ]'
        deactivate
        Is 'stays' (Draw) '[mine> ]'
        Remove-Item Function:prompt
        & ./o1/bin/Activate.ps1
        if (Test-Path Function:prompt) { 'a prompt was made' }
        deactivate
    """,
    "what -VenvDir takes and refuses": r"""
        'home = /x', "prompt = 'it\'s \U0001f600 \xe9\u6f22 \\ \t\''" | Set-Content o3/pyvenv.cfg
        & ./o1/bin/Activate.ps1 -VenvDir ./o3/
        Is 'dir' $env:VIRTUAL_ENV "$PWD/o3"
        Is 'name' $env:VIRTUAL_ENV_PROMPT "it's $([char]::ConvertFromUtf32(0x1f600)) $([char]0xe9)$([char]0x6f22) \ `t'"
        Is 'PATH' $env:PATH "$PWD/o3/bin:$base"
        deactivate
        'home = /x', 'prompt = raw name ' | Set-Content o3/pyvenv.cfg
        & ./o1/bin/Activate.ps1 -VenvDir o3
        Is 'raw' $env:VIRTUAL_ENV_PROMPT 'raw name'
        & ./o1/bin/Activate.ps1 -VenvDir o3 -Prompt 'p q'
        Is 'prompt' (Draw) '(p q) base> '
        deactivate
        'home = /x' | Set-Content o3/pyvenv.cfg
        & ./o1/bin/Activate.ps1 -VenvDir $PWD/o1/../o3
        Is 'last folder' $env:VIRTUAL_ENV_PROMPT 'o3'
        deactivate
        $null = New-Item -ItemType Directory empty -Force
        $before = View
        foreach ($Bad in 'nowhere', '/', 'Env:', 'Env:PATH', 'o1/pyvenv.cfg', 'empty', '.', 'Function:', '  ') {
          $said = try { & ./o1/bin/Activate.ps1 -VenvDir $Bad; 'done' } catch { "$_" }
          if ($said -notmatch 'no environment') { "$Bad`: $said" }
          & ./o1/bin/Activate.ps1 -VenvDir $Bad -ErrorAction SilentlyContinue
          $said = try { & ./o1/bin/Activate.ps1 -VenvDir $Bad -ErrorAction Stop; 'done' } catch { "$_" }
          if ($said -notmatch 'no environment') { "$Bad`: $said" }
          $Error.Clear()
          Same $Bad $before 'variable Bad', 'variable said', 'variable checks'
        }
    """,
    "a prompt that can't be changed": r"""
        foreach ($Option in 'ReadOnly', 'AllScope', 'Constant') {
          Set-Item Function:prompt { 'fixed> ' } -Options $Option -Force
          foreach ($ErrorActionPreference in 'Continue', 'Stop') {
            $before = View
            & ./o1/bin/Activate.ps1
            Is $Option (Draw) 'fixed> '
            Is $Option $env:VIRTUAL_ENV "$PWD/o1"
            deactivate
            Is $Option (Draw) 'fixed> '
            Same $Option $before 'variable checks', 'variable before'
          }
          if ($Option -ne 'Constant') { Remove-Item Function:prompt -Force }
        }
        Set-Item Function:global:deactivate { 'fixed' } -Options Constant
        $before = View
        $said = try { & ./o1/bin/Activate.ps1; 'done' } catch { "$_" }
        if ($said -notmatch 'constant') { $said }
        $Error.Clear()
        Same 'constant' $before 'variable said', 'variable checks'
    """,
    "wrong parameters": r"""
        $before = View
        foreach ($Call in { & ./o1/bin/Activate.ps1 -Nonsense }, { & ./o1/bin/Activate.ps1 o1 'name' extra },
            { & ./o1/bin/Activate.ps1 -Prompt }, { . ./o1/bin/Activate.ps1 -Nonsense }) {
          $said = try { & $Call; 'done' } catch { 'refused' }
          Is "$Call" $said 'refused'
          $Error.Clear()
          Same "$Call" $before 'variable Call', 'variable said', 'variable checks'
        }
        $said = & ./o1/bin/Activate.ps1 -WhatIf 6>&1
        if ("$said" -notmatch "What if.*$PWD/o1") { "$said" }
        Same 'what if' $before 'variable Call', 'variable said', 'variable checks'
        $said = & ./o1/bin/Activate.ps1 -Verbose 4>&1
        if ("$said" -notmatch "$PWD/o1") { "said $said" }
        deactivate
    """,
    "piped into Invoke-Expression": r"""
        $before = View
        $said = try { Get-Content -Raw ./o1/bin/Activate.ps1 | Invoke-Expression; 'done' } catch { "$_" }
        if ($said -notmatch 'by its path') { $said }
        $Error.Clear()
        Same 'iex' $before 'variable said'
        Is 'iex' 1 1
    """,
    "a moved environment finds itself": r"""
        Move-Item o3 o4
        & ./o4/bin/Activate.ps1
        Is 'dir' $env:VIRTUAL_ENV "$PWD/o4"
        Is 'name' (Draw) '(o4) base> '
        deactivate
        Move-Item o4 o3
        $null = New-Item -ItemType SymbolicLink link.ps1 -Value o1/bin/Activate.ps1
        $null = New-Item -ItemType SymbolicLink again.ps1 -Value link.ps1
        foreach ($Link in './link.ps1', './again.ps1') {
          & $Link
          Is $Link $env:VIRTUAL_ENV "$PWD/o1"
          Is $Link $env:PATH "$PWD/o1/bin:$base"
          deactivate
        }
        $before = View
        Move-Item o3/bin/python o3/bin/gone
        $said = try { & ./o3/bin/Activate.ps1; 'done' } catch { "$_" }
        if ($said -notmatch 'Python') { "no python: $said" }
        $null = New-Item -ItemType SymbolicLink o3/bin/python -Value /nowhere/python
        $said = try { & ./o3/bin/Activate.ps1; 'done' } catch { "$_" }
        if ($said -notmatch 'Python.*gone') { "a link to nothing: $said" }
        Move-Item o3/bin/gone o3/bin/python -Force
        $said = try { & "$PWD/a:b/bin/Activate.ps1"; 'done' } catch { "$_" }
        if ($said -notmatch "can't be on PATH") { "a colon: $said" }
        $Error.Clear()
        Same 'refused' $before 'variable said', 'variable checks', 'variable Link'
    """,
    "deactivate -NonDestructive": r"""
        function global:deactivate { 'user' }
        $before = View
        & ./o1/bin/Activate.ps1
        deactivate -NonDestructive
        Is 'kept' (Test-Path Function:deactivate) $true
        Is 'PATH' $env:PATH $base
        Is 'prompt' (Draw) 'base> '
        deactivate -NonDestructive
        & ./o2/bin/Activate.ps1
        deactivate -NonDestructive
        deactivate
        Same 'all of it' $before 'variable checks'
        Is 'the user''s' (deactivate) 'user'
        Remove-Item Function:deactivate
        & ./o1/bin/Activate.ps1
        Is 'completes' (TabExpansion2 'deactivate -N' 13).CompletionMatches[0].CompletionText '-NonDestructive'
        $help = Get-Help deactivate
        if ($help.Synopsis -notmatch 'environment') { "help: $($help.Synopsis)" }
        if ((Get-Help deactivate -Parameter NonDestructive | Out-String) -notmatch 'Keeps') { 'no help on the parameter' }
        deactivate
        $help = Get-Help ./o1/bin/Activate.ps1 -Full | Out-String
        foreach ($Word in 'Activates', '-VenvDir', '-Prompt', 'deactivate', 'Set-ExecutionPolicy') {
          if (-not $help.Contains($Word)) { "the help has no $Word" }
        }
    """,
    "an empty prompt": r"""
        'home = /x', "prompt = ''" | Set-Content o3/pyvenv.cfg
        & ./o3/bin/Activate.ps1
        Is 'nothing shown' (Draw) 'base> '
        deactivate
        'home = /x' | Set-Content o3/pyvenv.cfg
    """,
    "activated by a module": r"""
        'function Enter-It { & ./o1/bin/Activate.ps1 }' | Set-Content it.psm1
        Import-Module ./it.psm1
        Enter-It
        Remove-Module it
        Is 'prompt' (Draw) '(o1) base> '
        deactivate
        Is 'left' (Draw) 'base> '
        Is 'PATH' $env:PATH $base
    """,
    "a script's own function and alias": r"""
        'function deactivate { "own" }; Set-Alias ownalias Get-Date; & ./o1/bin/Activate.ps1; & ./o2/bin/Activate.ps1; deactivate' |
          Set-Content own.ps1
        Is 'own' (& ./own.ps1) 'own'
        Is 'active' (Draw) '(o2) base> '
        deactivate
        Is 'gone' (Test-Path Function:deactivate) $false
        'Set-Alias deactivate Get-Date; & ./o1/bin/Activate.ps1' | Set-Content own.ps1
        & ./own.ps1
        deactivate
        Is 'no alias' (Test-Path Alias:deactivate) $false
        Is 'PATH' $env:PATH $base
    """,
    "dot-sourced, the caller's names stay": r"""
        foreach ($Name in NAMES) { if ($Name -notmatch '^(env|Function|Variable|global|true|false|null|PS|Error|Matches|_$|args|.*Preference$|MyInvocation|ExecutionContext|NestedPromptLevel|OSV)') { Set-Variable $Name "kept $Name" } }
        $before = View
        . ./o1/bin/Activate.ps1 -Prompt given
        Is 'given' $env:VIRTUAL_ENV_PROMPT 'given'
        $null = Draw
        . ./o2/bin/Activate.ps1
        $null = Draw
        deactivate
        Same 'names' $before 'variable checks', 'variable Name'
        Is 'Prompt' $Prompt 'kept Prompt'
        foreach ($Value in 'mine', @(1, 2), @{ Active = 1; Prompts = 2 }) {
          foreach ($Name in '_OLD_VIRTUAL_STATE', '_OLD_VIRTUAL_PATH') { Set-Variable $Name $Value -Scope Global }
          foreach ($Name in '_OLD_VIRTUAL_PATH', '_OLD_VIRTUAL_PYTHONHOME') { Set-Item Env:$Name "mine $Name" }
          ${Function:global:_OLD_VIRTUAL_PROMPT} = { 'mine' }
          $before = View
          . ./o1/bin/Activate.ps1
          Is 'active' (Draw) '(o1) base> '
          . ./o2/bin/Activate.ps1
          Is 'over it' (Draw) '(o2) base> '
          deactivate
          Is 'left' (Draw) 'base> '
          Same "names with $Value" $before 'variable checks', 'variable Name'
        }
        function with_locals {
          $Dir = 'a'; $Bin = 'b'; $Old = 'c'; $New = 'd'; $State = 'e'; $_OLD_VIRTUAL_STATE = 'f'; $_OLD_VIRTUAL_NOW = 'g'
          foreach ($Step in { & ./o1/bin/Activate.ps1 }, { . ./o2/bin/Activate.ps1 }, { $null = Draw }, { deactivate }) {
            . $Step
            Is "locals after $Step" "$Dir $Bin $Old $New $State $_OLD_VIRTUAL_STATE $_OLD_VIRTUAL_NOW" 'a b c d e f g'
          }
        }
        with_locals
    """,
    "it takes a fraction of the time of Python's own": r"""
        $best = @{ o1 = 1e9; c = 1e9 }
        foreach ($round in 1..15) {
          foreach ($one in 'o1', 'c') {
            $watch = [Diagnostics.Stopwatch]::StartNew()
            & "./$one/bin/Activate.ps1"
            $best[$one] = [Math]::Min($best[$one], $watch.Elapsed.TotalMilliseconds)
            deactivate
          }
        }
        Is "ours $($best.o1) ms, Python's $($best.c) ms" ($best.o1 * 2 -lt $best.c) $true
    """,
    "two runspaces crosswise": r"""
        $env:PYTHONHOME = '/h'
        foreach ($order in 'A1 B2 A- B-', 'A1 B2 B- A-', 'A1 B1 A- B-', 'A1 B1 B- A-', 'A1 B2 A- A3 B- A-',
            'A1 B2 A- B3 B- A1 A-', 'A1 A2 B1 A- B-') {
          $shells = @{ A = [runspacefactory]::CreateRunspace(); B = [runspacefactory]::CreateRunspace() }
          foreach ($one in $shells.Values) { $one.Open() }
          foreach ($step in $order.Split(' ')) {
            $shell = [powershell]::Create()
            $shell.Runspace = $shells["$($step[0])"]
            $text = if ($step[1] -eq '-') { 'deactivate' } else { "& ./o$($step[1])/bin/Activate.ps1" }
            $null = $shell.AddScript("Set-Location -LiteralPath '$PWD'; $text").Invoke()
            foreach ($Problem in $shell.Streams.Error) { "$order $step`: $Problem" }
            if ($step[1] -ne '-') { Is "$order $step" ($env:PATH.StartsWith("$PWD/o$($step[1])/bin:")) $true }
          }
          Is $order $env:PATH $base
          Is $order $env:PYTHONHOME '/h'
          Get-ChildItem Env: | Where-Object Name -Match VIRTUAL | ForEach-Object { "$order`: $($_.Name) is left: $($_.Value)" }
          Get-ChildItem Env: | Where-Object Name -Match VIRTUAL | Remove-Item
          $env:PATH = $base
        }
    """,
}


@pytest.mark.parametrize("case", CASES)
def test_case(session, case):
    with open(source_of("Activate.ps1")) as file:
        names = sorted(set(re.findall(r"\$(\w+)", file.read())))
    text = CASES[case].replace("NAMES", ", ".join("'%s'" % name for name in names))
    session.check(text)


def test_the_same_bytes_in_every_environment(session):
    texts = {open(session.dir + "/%s/bin/Activate.ps1" % name, "rb").read() for name in ("o1", "o2", "o3")}
    assert len(texts) == 1


def test_strings_of_every_kind_come_back(session):
    """Thousands: as -Prompt, quoted by src/text/quote.hpp, and as what pyvenv.cfg says."""
    from test_quoting import quoted, strings

    texts = [text for text in strings(2000) if text and not set("\n\r") & set(text)]
    literals = quoted("powershell", texts)
    folder = session.dir + "/many"
    shutil.copytree(session.dir + "/o1", folder, symlinks=True)
    session.json("texts.json", [[text, repr(text)] for text in texts])
    lines = ["$all = Get-Content texts.json -Raw | ConvertFrom-Json", "$i = 0"]
    for literal in literals:
        lines.append("Is $i (%s) $all[$i++][0]" % literal)
    lines.append(r"""
      foreach ($pair in $all) {
        [IO.File]::WriteAllText("$PWD/many/pyvenv.cfg", "home = /x`nprompt = $($pair[1])`n")
        & ./many/bin/Activate.ps1
        Is 'cfg' $env:VIRTUAL_ENV_PROMPT $pair[0]
        deactivate
      }
      foreach ($pair in $all) {
        & ./o1/bin/Activate.ps1 -Prompt $pair[0]
        Is 'prompt' $env:VIRTUAL_ENV_PROMPT $pair[0]
        deactivate
      }""")
    session.check("\n".join(lines))


def test_on_a_terminal(session):
    """With PSReadLine: the name in front, also of two lines; Ctrl-C; a line that goes on; Tab."""
    terminal = Terminal(session.command, session.dir, {"NO_COLOR": "1"})
    try:
        assert "PS /" in terminal.read("PS /", seconds=90, quiet=1.0)

        def shown(line, until, end="\r"):
            terminal.send(line, end)
            return plain(terminal.read(until, seconds=30, quiet=0.5))

        shown("function prompt { 'REA' + 'DY> ' }", "READY> ")
        assert "\n(o1) READY> " in shown("& ./o1/bin/Activate.ps1", "(o1) READY> ")
        assert "(o1) READY> " in shown("'a half line", "\x03", "\x03")
        assert "\n(o1) READY> " in shown("1 +\r1", "(o1) READY> ")
        assert "deactivate" in shown("deac", "deactivate", "\t")
        assert re.search(r"\nREADY> *$", shown("", "READY> "))
        shown("function prompt { \"one`ntwo REA\" + 'DY> ' }", "READY> ")
        assert "\n(o2) one\ntwo READY> " in shown("& ./o2/bin/Activate.ps1", "READY> ")
        assert "\none\ntwo READY> " in shown("deactivate", "READY> ")
    finally:
        terminal.close()
