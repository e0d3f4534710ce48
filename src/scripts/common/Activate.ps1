<#
.SYNOPSIS
Activates the Python environment that this script lies in, in PowerShell 7 and Windows PowerShell 5.1.
.DESCRIPTION
Run it by its path:  & .venv/bin/Activate.ps1  (on Windows: .venv\Scripts\Activate.ps1)

It sets VIRTUAL_ENV and VIRTUAL_ENV_PROMPT, puts the environment's commands first on PATH, unsets
PYTHONHOME, and shows the environment's name in front of the prompt, unless VIRTUAL_ENV_DISABLE_PROMPT
has a value. 'deactivate' puts back everything as it was.

-VenvDir DIRECTORY activates that environment instead.
-Prompt NAME shows that name, instead of the one in pyvenv.cfg or else the directory's.
-WhatIf says what would be activated, and activates nothing.
-Verbose says what was activated. -ErrorAction says what an error does; without it, it is thrown.

If Windows says that running scripts is disabled on this system, allow your own scripts once, by
"Set-ExecutionPolicy -Scope CurrentUser RemoteSigned", or in this session only, with "-Scope Process".
This text is the same in every environment: it can be signed once, or allowed by its hash.
#>

# Parameters of a scope of its own: dot-sourced, this file touches no variable of the caller's. In
# ConstrainedLanguage methods of .NET can't be called.
& {
  [CmdletBinding()]
  param([string] $VenvDir, [string] $Prompt, [switch] $WhatIf)

  # One action, all of it and in silence, whatever the session asks to pretend, to confirm or to tell.
  $Verbose = $VerbosePreference
  $VerbosePreference = 'SilentlyContinue'
  $WhatIfPreference = $false
  $ConfirmPreference = 'None'
  Set-StrictMode -Off
  $Free = $ExecutionContext.SessionState.LanguageMode -eq 'FullLanguage'
  $Slash = [string] [IO.Path]::DirectorySeparatorChar
  $Separator = [string] [IO.Path]::PathSeparator

  $Parent = { $args[0].Substring(0, $args[0].TrimEnd($Slash).LastIndexOf($Slash)) }
  $Exists = { if ($Free) { [IO.File]::Exists($args[0]) } else { Test-Path -LiteralPath $args[0] -PathType Leaf } }
  $Target = {
    $Link = Get-Item -LiteralPath $args[0] -Force -ErrorAction Ignore
    if (-not $Link -or -not $Link.LinkType) { return }
    $To = [string] @($Link.Target)[0]
    if ($To -notmatch '^([/\\]|[A-Za-z]:)') { $To = (& $Parent $args[0]) + $Slash + $To }
    if ($Free) { [IO.Path]::GetFullPath($To) } else { $To }
  }

  # The environment is the one that this script lies in, perhaps by links; else the one asked for.
  $Problem = $Known = $null
  $Dir = ''
  $Bin = $PSScriptRoot
  if (-not $Bin) {
    $Problem = 'it finds its environment by where it lies: call it by its path, & .../Activate.ps1'
  } elseif (-not $VenvDir) {
    $Dir = $Bin.Substring(0, $Bin.LastIndexOf($Slash))
    $File = $PSCommandPath
    while (-not ($Known = & $Exists ($Dir + $Slash + 'pyvenv.cfg'))) {
      $Next = & $Target $File
      if ($Next) { $Bin = & $Parent ($File = $Next) }
      elseif ($Next = & $Target $Bin) { $Bin = $Next }
      else { break }
      $Dir = & $Parent $Bin
    }
  } elseif ($Free -and [IO.Path]::IsPathRooted($VenvDir) -and [IO.Directory]::Exists($VenvDir)) {
    $Dir = [IO.Path]::GetFullPath($VenvDir).TrimEnd($Slash)
  } else {
    $Found = Resolve-Path -LiteralPath $VenvDir -ErrorAction Ignore
    if ($Found -and $Found.Provider.Name -eq 'FileSystem') { $Dir = $Found.ProviderPath.TrimEnd($Slash) }
  }

  # Nothing is set unless it works.
  $Config = $Dir + $Slash + 'pyvenv.cfg'
  $Bin = $Bin.TrimEnd($Slash)
  $Bin = $Dir + $Slash + $Bin.Substring($Bin.LastIndexOf($Slash) + 1)
  if (-not $Problem) {
    $Shown = if ($Dir) { $Dir } else { $VenvDir }
    $Python = foreach ($Name in 'python', 'python.exe') { if (& $Exists "$Bin$Slash$Name") { "$Bin$Slash$Name"; break } }
    if (-not $Dir -or -not ($Known -or (& $Exists $Config))) { $Problem = "'$Shown' is no environment: it has no pyvenv.cfg." }
    elseif (-not $Python) { $Problem = "the Python of '$Shown' is gone: there is none in '$Bin'." }
    elseif ($Dir.Contains($Separator)) { $Problem = "'$Shown' can't be on PATH: it has a '$Separator' in it." }
    elseif ($Free) {
      # A link to nothing exists, too.
      try { [IO.File]::Open($Python, 'Open', 'Read', 'ReadWrite').Dispose() }
      catch [IO.FileNotFoundException], [IO.DirectoryNotFoundException] {
        $Problem = "the Python of '$Shown' is gone: '$Python' leads nowhere."
      }
      catch { }
    }
  }
  if ($Problem) {
    $Problem = "Nothing is activated: $Problem"
    if ($PSBoundParameters.Keys -contains 'ErrorAction') { Write-Error $Problem; return }
    throw $Problem
  }

  # pyvenv.cfg has the name as Python writes a string, other tools' as it is.
  $Shown = $Prompt
  if (-not $Shown) {
    $Text = if ($Free) { [IO.File]::ReadAllText($Config) }
    else { Get-Content -LiteralPath $Config -Encoding UTF8 -Raw -ErrorAction Stop }
    if ($Text -notmatch '(?m)^[ \t]*prompt[ \t]*=[ \t]*(.*?)[ \t\r]*$') {
      $Shown = $Dir.Substring($Dir.LastIndexOf($Slash) + 1)
    } elseif ($Matches[1] -notmatch '^([''"])(.*)\1$') {
      $Shown = $Matches[1]
    } else {
      $Shown = $Matches[2]
      $Parts = foreach ($Part in $Shown -csplit '(\\(?:x..|u.{4}|U.{8}|.))') {
        if ($Part -cmatch '^\\[xuU](.+)') {
          $Code = [int] ('0x' + $Matches[1])
          if ($Code -gt 0xffff) { [char]::ConvertFromUtf32($Code) } else { [char] $Code }
        }
        elseif ($Part -cmatch '^\\[nrt]$') { @{ '\n' = "`n"; '\r' = "`r"; '\t' = "`t" }[$Part] }
        elseif ($Part -match '^\\(.)$') { $Matches[1] }
        else { $Part }
      }
      $Shown = -join $Parts
    }
  }
  if ($WhatIf) {
    Write-Host "What if: activating the environment '$Dir' as '$Shown'."
    return
  }

  # The prompt. The name is written, since the user's prompt may write, too; what that gives is passed
  # on, and it sees the last command's $?. What was the prompt before is a list, newest first: if one
  # of those calls this again (a wrapper does), it is the next one's turn.
  $Show = {
    $_OLD_VIRTUAL_OK = $?
    $_OLD_VIRTUAL_NOW = Get-Variable -Name _OLD_VIRTUAL_STATE -Scope Global -ValueOnly -ErrorAction Ignore
    $_OLD_VIRTUAL_LEVEL = 0
    $_OLD_VIRTUAL_NEXT = $null
    if ($_OLD_VIRTUAL_NOW) {
      $_OLD_VIRTUAL_LEVEL = $_OLD_VIRTUAL_NOW.Level
      if ($_OLD_VIRTUAL_LEVEL -lt $_OLD_VIRTUAL_NOW.Prompts.Count) {
        $_OLD_VIRTUAL_NEXT = $_OLD_VIRTUAL_NOW.Prompts[$_OLD_VIRTUAL_LEVEL]
      }
      if ($_OLD_VIRTUAL_NOW.Active -and $_OLD_VIRTUAL_LEVEL -eq 0 -and $env:VIRTUAL_ENV_PROMPT) {
        Microsoft.PowerShell.Utility\Write-Host "($env:VIRTUAL_ENV_PROMPT) " -NoNewline -InformationAction Continue
      }
    }
    if (-not $_OLD_VIRTUAL_NEXT) {
      "PS $($ExecutionContext.SessionState.Path.CurrentLocation)$('>' * ($NestedPromptLevel + 1)) "
      return
    }
    try {
      $_OLD_VIRTUAL_NOW.Level = $_OLD_VIRTUAL_LEVEL + 1
      if ($_OLD_VIRTUAL_OK) { $null = 1 }
      else { Microsoft.PowerShell.Utility\Write-Error ' ' -ErrorAction Ignore }
      & $_OLD_VIRTUAL_NEXT
    } finally {
      $_OLD_VIRTUAL_NOW.Level = $_OLD_VIRTUAL_LEVEL
    }
  }

  $Leave = {
    <#
    .SYNOPSIS
    Leaves the Python environment that is active, and puts back everything as it was.
    .DESCRIPTION
    A function or an alias of your own that is called deactivate comes back. A prompt that was
    changed meanwhile stays as it is.
    .PARAMETER NonDestructive
    Keeps this function, for scripts that call it once more. A second call does nothing.
    #>
    param([switch] $NonDestructive)

    $VerbosePreference = 'SilentlyContinue'
    $WhatIfPreference = $false
    $ConfirmPreference = 'None'
    $Now = Get-Variable -Name _OLD_VIRTUAL_STATE -Scope Global -ValueOnly -ErrorAction Ignore
    $OursIsShown = "${Function:global:prompt}" -match '^\s*\$_OLD_VIRTUAL_OK = '
    if (-not $Now) {
      # Removed by force. What other makers' scripts would undo is still known; this function stays.
      if ($env:VIRTUAL_ENV -and $env:_OLD_VIRTUAL_PATH) {
        $env:PATH = $env:_OLD_VIRTUAL_PATH
        if ($env:_OLD_VIRTUAL_PYTHONHOME) { $env:PYTHONHOME = $env:_OLD_VIRTUAL_PYTHONHOME }
        $env:VIRTUAL_ENV = $env:VIRTUAL_ENV_PROMPT = $null
        $env:_OLD_VIRTUAL_PATH = $env:_OLD_VIRTUAL_PYTHONHOME = $null
        if ($OursIsShown -and (Test-Path Function:_OLD_VIRTUAL_PROMPT)) {
          Set-Item Function:global:prompt ${Function:global:_OLD_VIRTUAL_PROMPT} -ErrorAction Ignore
          Remove-Item Function:_OLD_VIRTUAL_PROMPT -ErrorAction Ignore
        }
      }
      return
    }
    $Old = $Now.Old
    if ($Now.Active) {
      $Now.Active = $false
      $Separator = [string] [IO.Path]::PathSeparator
      $Entries = @("$env:PATH" -split $Separator, 0, 'SimpleMatch')

      # Another runspace may have activated over this environment, or left the one below; another
      # maker's script may have undone it. Then only what is ours is undone.
      $Mine = $env:PATH -ceq $Now.Path -or $env:VIRTUAL_ENV -ceq $Now.Dir
      $Below = $Old.VIRTUAL_ENV + $Now.Bin.Substring($Now.Dir.Length)
      $Gone = $Old.VIRTUAL_ENV -and $Entries -cnotcontains $Below -and
        "$($Old.PATH)" -split $Separator, 0, 'SimpleMatch' -ccontains $Below
      if ($Mine -and -not $Gone) {
        $env:PATH = $Old.PATH
      } elseif ($Entries -ccontains $Now.Bin) {
        $Taken = $false
        $env:PATH = @(foreach ($Entry in $Entries) {
            if (-not $Taken -and $Entry -ceq $Now.Bin) { $Taken = $true } else { $Entry }
          }) -join $Separator
      }
      if ($Mine -and -not $Gone -or $null -eq $env:PYTHONHOME) { $env:PYTHONHOME = $Old.PYTHONHOME }
      if ($Gone) {
        if ($Mine) {
          $env:VIRTUAL_ENV = $env:VIRTUAL_ENV_PROMPT = $null
          $env:_OLD_VIRTUAL_PATH = $env:_OLD_VIRTUAL_PYTHONHOME = $null
        }
      } else {
        if ($Mine -or $null -eq $env:VIRTUAL_ENV) {
          $env:VIRTUAL_ENV = $Old.VIRTUAL_ENV
          $env:VIRTUAL_ENV_PROMPT = $Old.VIRTUAL_ENV_PROMPT
        }
        if ($Mine -or $env:_OLD_VIRTUAL_PATH -ceq $Old.PATH) {
          $env:_OLD_VIRTUAL_PATH = $Old._OLD_VIRTUAL_PATH
          $env:_OLD_VIRTUAL_PYTHONHOME = $Old._OLD_VIRTUAL_PYTHONHOME
        }
      }
      if ($null -eq $Now.Variable) { Remove-Variable _OLD_VIRTUAL_PATH -Scope Global -ErrorAction Ignore }
      else { New-Variable -Name _OLD_VIRTUAL_PATH -Value $Now.Variable -Scope Global -Force }

      # Our change of the prompt is undone, no other one.
      $Before, $Rest = $Now.Prompts
      if ($Now.Copied -and ${Function:global:_OLD_VIRTUAL_PROMPT} -eq $Before) {
        Remove-Item Function:_OLD_VIRTUAL_PROMPT -ErrorAction Ignore
      }
      if ($OursIsShown -and $Before) { Set-Item Function:global:prompt $Before -ErrorAction Ignore }
      if ($Before -and ${Function:global:prompt} -eq $Before) {
        $Now.Prompts = @(if ($Rest) { $Rest })
      }
    }
    if ($NonDestructive) { return }

    $Command = ${Function:global:deactivate}
    if ($null -eq $Command -or "$Command" -match '_OLD_VIRTUAL_STATE') {
      if ($Now.Function) {
        Set-Item Function:global:deactivate $Now.Function -Options $Now.Options -Force -ErrorAction Ignore
      }
      elseif ($Command -and $Function:deactivate -eq $Command) { Remove-Item Function:deactivate -Force }
    }
    if ($Now.Alias -and -not $Alias:deactivate) {
      Set-Alias deactivate $Now.Alias.Definition -Option $Now.Alias.Options -Scope Global `
        -Description $Now.Alias.Description
    }
    if ($Now.Prompts.Count -eq 0) {
      Remove-Variable -Name _OLD_VIRTUAL_STATE -Scope Global -Force -ErrorAction Ignore
    } else {
      $Now.Function = $Now.Alias = $null
    }
  }

  # A module that activates may be removed; these stay, bound to no module.
  if ($Free -and $Leave.Module) {
    $Show = [scriptblock]::Create("$Show")
    $Leave = [scriptblock]::Create("$Leave")
  }

  # An environment that is active in this session goes first, whoever's script activated it.
  $Command = ${Function:global:deactivate}
  if ("$Command" -match '_OLD_VIRTUAL_(STATE|PATH)') { & $Command }
  $Old = $global:_OLD_VIRTUAL_STATE
  if ($Old -and ($Old.Active -or $Old.Function -or $Old.Alias)) { & $Leave }
  if ("${Function:global:prompt}" -match '_OLD_VIRTUAL_PROMPT' -and ${Function:global:_OLD_VIRTUAL_PROMPT}) {
    # The script of another maker; its own deactivate has been lost.
    $Given = if ($global:_OLD_VIRTUAL_PATH) { $global:_OLD_VIRTUAL_PATH } else { $env:_OLD_VIRTUAL_PATH }
    if ($Given) { $env:PATH = $Given }
    if ($env:_OLD_VIRTUAL_PYTHONHOME) { $env:PYTHONHOME = $env:_OLD_VIRTUAL_PYTHONHOME }
    Set-Item Function:global:prompt ${Function:global:_OLD_VIRTUAL_PROMPT} -ErrorAction Ignore
    Remove-Item Function:_OLD_VIRTUAL_PROMPT -ErrorAction Ignore
    Remove-Variable -Name _OLD_VIRTUAL_PATH, _PYTHON_VENV_PROMPT_PREFIX -Scope Global -Force -ErrorAction Ignore
    $env:_OLD_VIRTUAL_PATH = $env:_OLD_VIRTUAL_PYTHONHOME = $env:VIRTUAL_ENV = $env:VIRTUAL_ENV_PROMPT = $null
  }

  # What was. Only what is global comes back: a script's own function or alias stays its own.
  $Before = ${Function:global:prompt}
  $State = @{
    Active = $true
    Dir = $Dir
    Bin = $Bin
    Path = if ($env:PATH) { $Bin + $Separator + $env:PATH } else { $Bin }
    Old = @{
      PATH = $env:PATH
      PYTHONHOME = $env:PYTHONHOME
      VIRTUAL_ENV = $env:VIRTUAL_ENV
      VIRTUAL_ENV_PROMPT = $env:VIRTUAL_ENV_PROMPT
      _OLD_VIRTUAL_PATH = $env:_OLD_VIRTUAL_PATH
      _OLD_VIRTUAL_PYTHONHOME = $env:_OLD_VIRTUAL_PYTHONHOME
    }
    Variable = $global:_OLD_VIRTUAL_PATH
    Function = ${Function:global:deactivate}
    Alias = if ($Alias:deactivate) { Get-Alias deactivate -Scope Global -ErrorAction Ignore }
    Prompts = @(if ($global:_OLD_VIRTUAL_STATE) { $global:_OLD_VIRTUAL_STATE.Prompts })
    Level = 0
    Options = 'None'
    Copied = $false
  }
  if ("$($State.Function)" -match '_OLD_VIRTUAL_STATE') { $State.Function = $null }
  if ($State.Function) { $State.Options = (Get-Item Function:deactivate).Options }

  # First the way back: $global:_OLD_VIRTUAL_STATE, read-only, and the function (a read-only one of the
  # user's makes room; a constant one can't). Also what the scripts of other makers (Python's,
  # virtualenv's, uv's) look for, so that they undo this one.
  if ($null -eq $Function:deactivate) { ${Function:global:deactivate} = $Leave }
  else { Set-Item Function:global:deactivate $Leave -Force -ErrorAction Ignore }
  if (${Function:global:deactivate} -ne $Leave) {
    throw "Nothing is activated: there is a constant function 'deactivate' already."
  }
  New-Variable -Name _OLD_VIRTUAL_STATE -Value $State -Scope Global -Option ReadOnly -Force
  if ($State.Alias) {
    while (Test-Path Alias:deactivate) { Remove-Item Alias:deactivate -Force -ErrorAction Stop }
  }
  if ($null -eq $State.Variable) { $global:_OLD_VIRTUAL_PATH = $env:PATH }
  else { New-Variable -Name _OLD_VIRTUAL_PATH -Value $env:PATH -Scope Global -Force }
  $env:_OLD_VIRTUAL_PATH = $env:PATH
  if ($env:_OLD_VIRTUAL_PYTHONHOME -or $env:PYTHONHOME) { $env:_OLD_VIRTUAL_PYTHONHOME = $env:PYTHONHOME }
  $env:PATH = $State.Path
  $env:VIRTUAL_ENV = $Dir
  $env:VIRTUAL_ENV_PROMPT = $Shown
  if ($null -ne $env:PYTHONHOME) { $env:PYTHONHOME = $null }

  # A prompt that is read-only or AllScope stays as it is. Ours is never what was before.
  if (-not $env:VIRTUAL_ENV_DISABLE_PROMPT -and $Before) {
    if (-not $Free) { Set-Item Function:global:prompt $Show -ErrorAction Ignore }
    elseif ($ExecutionContext.InvokeCommand.GetCommand('prompt', 'Function').Options -eq 'None') {
      ${Function:global:prompt} = $Show
    }
    if (${Function:global:prompt} -eq $Show -and "$Before" -notmatch '^\s*\$_OLD_VIRTUAL_OK = ') {
      $State.Prompts = @($Before) + $State.Prompts
      if (-not ${Function:global:_OLD_VIRTUAL_PROMPT}) {
        ${Function:global:_OLD_VIRTUAL_PROMPT} = $Before
        $State.Copied = $true
      }
    }
  }
  $VerbosePreference = $Verbose
  Write-Verbose "Activated '$Dir' as '$Shown': '$Bin' is first on PATH."
} @args
