<#
.SYNOPSIS
Activates the Python environment that this script lies in, in PowerShell 7 and Windows PowerShell 5.1.
.DESCRIPTION
Run it by its path:  & .venv/bin/Activate.ps1  (on Windows: .venv\Scripts\Activate.ps1)

It sets VIRTUAL_ENV and VIRTUAL_ENV_PROMPT, puts the environment's commands first on PATH, unsets
PYTHONHOME, and shows the environment's name in front of the prompt, unless VIRTUAL_ENV_DISABLE_PROMPT
has a value. 'deactivate' puts back everything as it was.

-VenvDir DIRECTORY activates that environment instead.
-Prompt NAME shows that name, not pyvenv.cfg's or else the directory's.
-WhatIf only says what would be activated.
-Verbose says what was activated. -ErrorAction says what an error does, which is thrown otherwise.

If running scripts is disabled on your Windows, "Set-ExecutionPolicy -Scope CurrentUser RemoteSigned"
allows your own, "-Scope Process" in this session only. All environments have this text: it can be signed
once, or allowed by its hash.
#>

# A scope of its own: dot-sourced, this file touches no variable of the caller's.
& {
  [CmdletBinding()]
  param([string] $VenvDir, [string] $Prompt, [switch] $WhatIf)

  # One action, and silent, whatever the session asks to pretend, to confirm or to tell.
  $Verbose = $VerbosePreference
  $VerbosePreference = 'SilentlyContinue'
  $WhatIfPreference = $false
  $ConfirmPreference = 'None'
  Set-StrictMode -Off
  # In ConstrainedLanguage methods of .NET can't be called.
  $Free = $ExecutionContext.SessionState.LanguageMode -eq 'FullLanguage'
  $Slash = [string] [IO.Path]::DirectorySeparatorChar
  $Separator = [string] [IO.Path]::PathSeparator

  # The environment asked for, else that which this script lies in, perhaps by links.
  $Problem = $null
  $Dir = ''
  $Bin = $PSScriptRoot
  if (-not $Bin) {
    $Problem = 'call this file by its path, & .../Activate.ps1'
  } elseif (-not $VenvDir) {
    $Dir = $Bin.Substring(0, $Bin.LastIndexOf($Slash))
  } elseif ($Free -and [IO.Path]::IsPathRooted($VenvDir) -and [IO.Directory]::Exists($VenvDir)) {
    $Dir = [IO.Path]::GetFullPath($VenvDir).TrimEnd($Slash)
  } else {
    $Found = Resolve-Path -LiteralPath $VenvDir -ErrorAction Ignore
    if ($Found -and $Found.Provider.Name -eq 'FileSystem') { $Dir = $Found.ProviderPath.TrimEnd($Slash) }
  }
  $File = $PSCommandPath
  while ($true) {
    $Config = $Dir + $Slash + 'pyvenv.cfg'
    $Known = if ($Free) { [IO.File]::Exists($Config) } else { Test-Path -LiteralPath $Config -PathType Leaf }
    if ($Known -or $VenvDir -or $Problem) { break }
    $Parent = { $args[0].Substring(0, $args[0].TrimEnd($Slash).LastIndexOf($Slash)) }
    $Target = {
      $Link = Get-Item -LiteralPath $args[0] -Force -ErrorAction Ignore
      if (-not $Link -or -not $Link.LinkType) { return }
      $To = [string] @($Link.Target)[0]
      if ($To -notmatch '^([/\\]|[A-Za-z]:)') { $To = (& $Parent $args[0]) + $Slash + $To }
      if ($Free) { [IO.Path]::GetFullPath($To) } else { $To }
    }
    $Next = & $Target $File
    if ($Next) { $Bin = & $Parent ($File = $Next) }
    elseif ($Next = & $Target $Bin) { $Bin = $Next }
    else { break }
    $Dir = & $Parent $Bin
  }

  # Nothing is set unless it works.
  $Bin = $Dir + $Slash + $Bin.TrimEnd($Slash).Split($Slash)[-1]
  if (-not $Problem) {
    $Python = $Bin + $Slash + $(if ($Slash -eq '\') { 'python.exe' } else { 'python' })
    $Gone = "the Python of '$Dir' is gone: '$Python' is not there."
    if (-not $Dir) { $Problem = "'$VenvDir' is no environment." }
    elseif (-not $Known) { $Problem = "'$Dir' is no environment: it has no pyvenv.cfg." }
    elseif ($Dir.Contains($Separator)) { $Problem = "'$Dir' can't be on PATH: it has a '$Separator' in it." }
    elseif ($Free) {
      # A link to nothing exists, but can't be opened.
      try { [IO.File]::Open($Python, 'Open', 'Read', 'ReadWrite').Dispose() }
      catch [IO.FileNotFoundException], [IO.DirectoryNotFoundException] { $Problem = $Gone }
      catch { }
    }
    elseif (-not (Test-Path -LiteralPath $Python)) { $Problem = $Gone }
  }
  if ($Problem) {
    $Problem = "Nothing is activated: $Problem"
    if ($PSBoundParameters.Keys -contains 'ErrorAction') { Write-Error $Problem; return }
    throw $Problem
  }

  # pyvenv.cfg has the name as Python writes a string, or as it is.
  $Shown = $Prompt
  if (-not $Shown) {
    $Text = if ($Free) { [IO.File]::ReadAllText($Config) }
    else { Get-Content -LiteralPath $Config -Encoding UTF8 -Raw -ErrorAction Stop }
    if ($Text -notmatch '(?m)^[ \t]*prompt[ \t]*=[ \t]*(.*?)[ \t\r]*$') {
      $Shown = $Dir.Split($Slash)[-1]
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
  if ($WhatIf) { Write-Host "What if: activating '$Dir' as '$Shown'."; return }

  # The prompt. The name is written, since the user's prompt may write, too; what that gives is passed
  # on, and it sees the last command's $?. If one of those before (newest first) calls this again, as a
  # wrapper does, it is the next one's turn.
  $Show = {
    $_OLD_VIRTUAL_OK = $?
    $_OLD_VIRTUAL_NOW = Get-Variable -Name _OLD_VIRTUAL_STATE -Scope Global -ValueOnly -ErrorAction Ignore
    $_OLD_VIRTUAL_NEXT = $null
    if ($_OLD_VIRTUAL_NOW -is [hashtable]) {
      if ($_OLD_VIRTUAL_NOW.Level -lt $_OLD_VIRTUAL_NOW.Prompts.Count) {
        $_OLD_VIRTUAL_NEXT = $_OLD_VIRTUAL_NOW.Prompts[$_OLD_VIRTUAL_NOW.Level]
      }
      if ($_OLD_VIRTUAL_NOW.Active -and $_OLD_VIRTUAL_NOW.Level -eq 0 -and $env:VIRTUAL_ENV_PROMPT) {
        Microsoft.PowerShell.Utility\Write-Host "($env:VIRTUAL_ENV_PROMPT) " -NoNewline -InformationAction Continue
      }
    }
    if (-not $_OLD_VIRTUAL_NEXT) {
      "PS $($ExecutionContext.SessionState.Path.CurrentLocation)$('>' * ($NestedPromptLevel + 1)) "
      return
    }
    try {
      $_OLD_VIRTUAL_NOW.Level++
      if ($_OLD_VIRTUAL_OK) { $null = 1 }
      else { Microsoft.PowerShell.Utility\Write-Error ' ' -ErrorAction Ignore }
      & $_OLD_VIRTUAL_NEXT
    } finally {
      $_OLD_VIRTUAL_NOW.Level--
    }
  }

  $Leave = {
    <#
    .SYNOPSIS
    Leaves the Python environment that is active, and puts back everything as it was.
    .DESCRIPTION
    A deactivate of your own comes back. A prompt changed meanwhile stays.
    .PARAMETER NonDestructive
    Keeps this function, for scripts that call it once more.
    #>
    param([switch] $NonDestructive)

    $VerbosePreference = 'SilentlyContinue'
    $WhatIfPreference = $false
    $ConfirmPreference = 'None'
    Set-StrictMode -Off
    $Now = $global:_OLD_VIRTUAL_STATE
    $Ours = "${Function:global:prompt}" -match '^\s*\$_OLD_VIRTUAL_OK = '
    if ($Now -isnot [hashtable]) {
      # Removed by force. What other makers' scripts would undo is known; this function stays.
      if ($env:VIRTUAL_ENV -and $env:_OLD_VIRTUAL_PATH) {
        $env:PATH = $env:_OLD_VIRTUAL_PATH
        if ($env:_OLD_VIRTUAL_PYTHONHOME) { $env:PYTHONHOME = $env:_OLD_VIRTUAL_PYTHONHOME }
        $env:VIRTUAL_ENV = $env:VIRTUAL_ENV_PROMPT = $env:_OLD_VIRTUAL_PATH = $env:_OLD_VIRTUAL_PYTHONHOME = $null
        if ($Ours -and ${Function:global:_OLD_VIRTUAL_PROMPT}) {
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
      $Path = "$env:PATH"
      $Entries = @($Path -split $Separator, 0, 'SimpleMatch')

      # Only what is ours goes, if another runspace has activated over this environment or left the one
      # below, or another maker's script has undone it.
      $Mine = $Path -ceq $Now.Path -or $env:VIRTUAL_ENV -ceq $Now.Dir
      $Below = $Old.VIRTUAL_ENV + $Now.Bin.Substring($Now.Dir.Length)
      $Gone = $Old.VIRTUAL_ENV -and $Entries -cnotcontains $Below -and
        "$($Old.PATH)" -split $Separator, 0, 'SimpleMatch' -ccontains $Below
      $New = @{}
      if ($Mine -and -not $Gone) { $New = $Old }
      else {
        if ($Entries -ccontains $Now.Bin) {
          $Taken = $false
          $New.PATH = @(foreach ($Entry in $Entries) {
              if (-not $Taken -and $Entry -ceq $Now.Bin) { $Taken = $true } else { $Entry }
            }) -join $Separator
        }
        $Names = @(if ($null -eq $env:PYTHONHOME) { 'PYTHONHOME' })
        if (-not $Gone) {
          if ($null -eq $env:VIRTUAL_ENV) { $Names += 'VIRTUAL_ENV', 'VIRTUAL_ENV_PROMPT' }
          if ($env:_OLD_VIRTUAL_PATH -ceq $Old.PATH) { $Names += '_OLD_VIRTUAL_PATH', '_OLD_VIRTUAL_PYTHONHOME' }
        } elseif ($Mine) {
          foreach ($Name in $Old.Keys -like '*VIRTUAL*') { $New[$Name] = $null }
        }
        foreach ($Name in $Names) { $New[$Name] = $Old[$Name] }
      }
      & $Now.Set $New
      if ($null -eq $Now.Variable) { Remove-Variable _OLD_VIRTUAL_PATH -Scope Global -ErrorAction Ignore }
      else { New-Variable -Name _OLD_VIRTUAL_PATH -Value $Now.Variable -Scope Global -Force }

      # Our change of the prompt is undone, no other one.
      $Before, $Rest = $Now.Prompts
      if ($Now.Copied -and ${Function:global:_OLD_VIRTUAL_PROMPT} -eq $Before) {
        Remove-Item Function:_OLD_VIRTUAL_PROMPT -ErrorAction Ignore
      }
      if ($Ours -and $Before) { Set-Item Function:global:prompt $Before -ErrorAction Ignore }
      if ($Before -and ${Function:global:prompt} -eq $Before) { $Now.Prompts = @(if ($Rest) { $Rest }) }
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
    if ($Now.Prompts.Count) { $Now.Function = $Now.Alias = $null }
    elseif ($null -ne $Now.Kept) { New-Variable _OLD_VIRTUAL_STATE $Now.Kept -Scope Global -Force }
    else { Remove-Variable _OLD_VIRTUAL_STATE -Scope Global -Force -ErrorAction Ignore }
  }

  # By .NET, where that may be called: the drive Env: is slow.
  $Set = {
    $Free = $ExecutionContext.SessionState.LanguageMode -eq 'FullLanguage'
    foreach ($Name in $args[0].Keys) {
      $Value = $args[0][$Name]
      if (-not $Free) { Set-Item "Env:$Name" $Value; continue }
      if ($null -eq $Value) { $Value = [NullString]::Value }
      [Environment]::SetEnvironmentVariable($Name, $Value)
    }
  }

  # A module that activates may be removed; these stay.
  if ($Free -and $Leave.Module) {
    $Show, $Leave, $Set = foreach ($Block in $Show, $Leave, $Set) { [scriptblock]::Create("$Block") }
  }

  # An environment that is active in this session goes first, whoever's script activated it.
  $Command = ${Function:global:deactivate}
  if ("$Command" -match '_OLD_VIRTUAL_(STATE|PATH)') {
    & $Command
    $Command = ${Function:global:deactivate}
  }
  $Kept = $global:_OLD_VIRTUAL_STATE
  if ($Kept.Level -is [int] -and ($Kept.Active -or $Kept.Function -or $Kept.Alias)) {
    & $Leave
    $Kept = $global:_OLD_VIRTUAL_STATE
    $Command = ${Function:global:deactivate}
  }
  $Before = ${Function:global:prompt}
  if ("$Before" -match '_OLD_VIRTUAL_PROMPT' -and ${Function:global:_OLD_VIRTUAL_PROMPT}) {
    # Another maker's, whose deactivate has been lost.
    foreach ($Given in $env:_OLD_VIRTUAL_PATH, $global:_OLD_VIRTUAL_PATH) { if ($Given) { $env:PATH = $Given } }
    if ($env:_OLD_VIRTUAL_PYTHONHOME) { $env:PYTHONHOME = $env:_OLD_VIRTUAL_PYTHONHOME }
    Set-Item Function:global:prompt ${Function:global:_OLD_VIRTUAL_PROMPT} -ErrorAction Ignore
    $Before = ${Function:global:prompt}
    Remove-Item Function:_OLD_VIRTUAL_PROMPT -ErrorAction Ignore
    Remove-Variable -Name _OLD_VIRTUAL_PATH, _PYTHON_VENV_PROMPT_PREFIX -Scope Global -Force -ErrorAction Ignore
    $env:_OLD_VIRTUAL_PATH = $env:_OLD_VIRTUAL_PYTHONHOME = $env:VIRTUAL_ENV = $env:VIRTUAL_ENV_PROMPT = $null
  }

  # What was. Only what is global comes back: a script's own function or alias stays its own.
  $Old = @{}
  foreach ($Name in 'PATH', 'PYTHONHOME', 'VIRTUAL_ENV', 'VIRTUAL_ENV_PROMPT', '_OLD_VIRTUAL_PATH',
    '_OLD_VIRTUAL_PYTHONHOME') {
    $Old[$Name] = if ($Free) { [Environment]::GetEnvironmentVariable($Name) }
    else { (Get-Item "Env:$Name" -ErrorAction Ignore).Value }
  }
  $New = @{
    PATH = if ($Old.PATH) { $Bin + $Separator + $Old.PATH } else { $Bin }
    VIRTUAL_ENV = $Dir
    VIRTUAL_ENV_PROMPT = $Shown
    _OLD_VIRTUAL_PATH = $Old.PATH
  }
  if ($Old._OLD_VIRTUAL_PYTHONHOME -or $Old.PYTHONHOME) { $New._OLD_VIRTUAL_PYTHONHOME = $Old.PYTHONHOME }
  if ($null -ne $Old.PYTHONHOME) { $New.PYTHONHOME = $null }
  $State = @{
    Active = $true
    Dir = $Dir
    Bin = $Bin
    Path = $New.PATH
    Old = $Old
    Set = $Set
    Variable = $global:_OLD_VIRTUAL_PATH
    Function = if ("$Command" -notmatch '_OLD_VIRTUAL_STATE') { $Command }
    Alias = if ($Alias:deactivate) { Get-Alias deactivate -Scope Global -ErrorAction Ignore }
    Prompts = @(if ($Kept.Level -is [int]) { $Kept.Prompts })
    Kept = if ($Kept.Level -is [int]) { $Kept.Kept } else { $Kept }
    Level = 0
    Options = 'None'
    Copied = $false
  }
  if ($State.Function) { $State.Options = (Get-Item Function:deactivate).Options }

  # First the way back: the function (a read-only one of the user's makes room; a constant one can't),
  # the state, and what the scripts of Python, virtualenv and uv look for to undo this one.
  if ($null -eq $Command) { ${Function:global:deactivate} = $Leave }
  else {
    Set-Item Function:global:deactivate $Leave -Force -ErrorAction Ignore
    if (${Function:global:deactivate} -ne $Leave) {
      throw "Nothing is activated: there is a constant function 'deactivate'."
    }
  }
  if ($Kept -or -not $Free) { New-Variable _OLD_VIRTUAL_STATE $State -Scope Global -Option ReadOnly -Force }
  else {
    $global:_OLD_VIRTUAL_STATE = $State
    $ExecutionContext.SessionState.PSVariable.Get('global:_OLD_VIRTUAL_STATE').Options = 'ReadOnly'
  }
  if ($State.Alias) {
    while (Test-Path Alias:deactivate) { Remove-Item Alias:deactivate -Force -ErrorAction Stop }
  }
  if ($null -eq $State.Variable) { $global:_OLD_VIRTUAL_PATH = $Old.PATH }
  else { New-Variable -Name _OLD_VIRTUAL_PATH -Value $Old.PATH -Scope Global -Force }
  & $Set $New

  # A read-only or AllScope prompt stays as it is. Ours is never what was before.
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
  if ($Verbose -eq 'SilentlyContinue') { return }
  $VerbosePreference = $Verbose
  Write-Verbose "Activated '$Dir' as '$Shown'."
} @args
