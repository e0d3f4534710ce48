<#
.SYNOPSIS
Activates this environment in PowerShell 7 and Windows PowerShell 5.1:  bin/Activate.ps1
.DESCRIPTION
'deactivate' puts back everything as it was.
.PARAMETER VenvDir
The environment's directory, if not the one that this script was made for.
.PARAMETER Prompt
What the prompt shows between parentheses, if not what the environment was made with.
#>
param([string] $VenvDir, [string] $Prompt)

# A scope of its own: the variables in it stay in it where this file is dot-sourced, too.
& {
  # Each placeholder is written as a literal here.
  $Dir = __VENV_DIR__
  $Shown = __VENV_PROMPT__
  $Bin = __VENV_BIN_NAME__
  $Slash = [IO.Path]::DirectorySeparatorChar
  if ($VenvDir) {
    $Dir = (Convert-Path -LiteralPath $VenvDir -ErrorAction Stop).TrimEnd($Slash)
  }
  if ($Prompt) { $Shown = $Prompt }

  # An environment that is active in this session goes first, by this script or by Python's own.
  if ("$Function:deactivate" -match '_VenvUndo|_OLD_VIRTUAL_PATH') { & $Function:deactivate }

  # What was: variables by name (null: not set), the prompt if it is changed, and a function and an
  # alias of the user's. No methods of .NET: where policies restrict scripts, they can't be called.
  $Undo = @{ Env = @{}; Prompt = $null; Function = $Function:deactivate; Alias = $null }
  foreach ($Name in 'PATH', 'PYTHONHOME', 'VIRTUAL_ENV', 'VIRTUAL_ENV_PROMPT') {
    $Undo.Env[$Name] = if (Test-Path "Env:$Name") { (Get-Item "Env:$Name").Value }
  }
  if (Test-Path Alias:deactivate) {
    $Undo.Alias = (Get-Item Alias:deactivate).Definition
    Remove-Item Alias:deactivate -Force
  }
  $global:_VenvUndo = $Undo

  $Path = $Dir + $Slash + $Bin
  if ($env:PATH) { $Path = $Path + [IO.Path]::PathSeparator + $env:PATH }
  $env:PATH = $Path
  $env:VIRTUAL_ENV = $Dir
  $env:VIRTUAL_ENV_PROMPT = $Shown
  if (Test-Path Env:PYTHONHOME) { Remove-Item Env:PYTHONHOME }

  # The user's prompt runs first, while $? is still that of the last command. As PowerShell does,
  # ours takes the first thing that comes out of it. What a prompt gives is not evaluated.
  if (-not $env:VIRTUAL_ENV_DISABLE_PROMPT -and $Function:prompt) {
    $Undo.Prompt = $Function:prompt
    function global:prompt {
      $Given = & $global:_VenvUndo.Prompt
      '(' + $env:VIRTUAL_ENV_PROMPT + ') ' + @($Given; '')[0]
    }
  }

  function global:deactivate {
    $Undo = $global:_VenvUndo
    foreach ($Name in 'PATH', 'PYTHONHOME', 'VIRTUAL_ENV', 'VIRTUAL_ENV_PROMPT') {
      if ($null -ne $Undo.Env[$Name]) {
        Set-Item "Env:$Name" $Undo.Env[$Name]
      } elseif (Test-Path "Env:$Name") {
        Remove-Item "Env:$Name"
      }
    }
    if ($Undo.Prompt) { Set-Item Function:global:prompt $Undo.Prompt }
    if ($Undo.Function) {
      Set-Item Function:global:deactivate $Undo.Function
    } else {
      Remove-Item Function:deactivate
    }
    if ($Undo.Alias) { Set-Alias deactivate $Undo.Alias -Scope Global }
    Remove-Variable _VenvUndo -Scope Global
  }
}
