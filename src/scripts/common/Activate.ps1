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

# Each placeholder is written as a literal here.
$ThisDir = __VENV_DIR__
$ThisPrompt = __VENV_PROMPT__
$BinName = __VENV_BIN_NAME__
if (-not $VenvDir) { $VenvDir = $ThisDir }
if (-not $PSBoundParameters.ContainsKey('Prompt')) { $Prompt = $ThisPrompt }

# An environment that is active in this session goes first.
if ((Test-Path Variable:Global:_VenvUndo) -and (Test-Path Function:deactivate)) { deactivate }

# What was: variables by name (null: not set), functions and aliases of the user's.
$global:_VenvUndo = @{ Env = @{}; Prompt = $null; Deactivate = $null; Alias = $null }
foreach ($Name in 'PATH', 'PYTHONHOME', 'VIRTUAL_ENV', 'VIRTUAL_ENV_PROMPT') {
  $global:_VenvUndo.Env[$Name] = [Environment]::GetEnvironmentVariable($Name)
}
if (Test-Path Function:prompt) { $global:_VenvUndo.Prompt = (Get-Item Function:prompt).ScriptBlock }
if (Test-Path Function:deactivate) {
  $global:_VenvUndo.Deactivate = (Get-Item Function:deactivate).ScriptBlock
}
if (Test-Path Alias:deactivate) {
  $global:_VenvUndo.Alias = (Get-Item Alias:deactivate).Definition
  Remove-Item Alias:deactivate -Force
}

$Path = [IO.Path]::Combine($VenvDir, $BinName)
if ($env:PATH) { $Path = $Path + [IO.Path]::PathSeparator + $env:PATH }
$env:PATH = $Path
$env:VIRTUAL_ENV = $VenvDir
$env:VIRTUAL_ENV_PROMPT = $Prompt
if (Test-Path Env:PYTHONHOME) { Remove-Item Env:PYTHONHOME }

# The name is written out, not put into what the prompt evaluates.
if (-not $env:VIRTUAL_ENV_DISABLE_PROMPT -and $global:_VenvUndo.Prompt) {
  function global:prompt {
    $Shown = & $global:_VenvUndo.Prompt
    '(' + $env:VIRTUAL_ENV_PROMPT + ') ' + $Shown
  }
}

function global:deactivate {
  $Undo = $global:_VenvUndo
  foreach ($Name in $Undo.Env.Keys) {
    # Null takes the variable away.
    [Environment]::SetEnvironmentVariable($Name, $Undo.Env[$Name])
  }
  if ($Undo.Prompt) { Set-Item Function:global:prompt $Undo.Prompt }
  if ($Undo.Deactivate) {
    Set-Item Function:global:deactivate $Undo.Deactivate
  } else {
    Remove-Item Function:deactivate
  }
  if ($Undo.Alias) { Set-Alias -Name deactivate -Value $Undo.Alias -Scope Global }
  Remove-Variable _VenvUndo -Scope Global
}
