# Activates this environment in nushell:
#
#   overlay use bin/activate.nu
#
# `deactivate` puts back everything as it was: it takes the overlay away, and nushell does the rest.

export-env {
    let dir = __VENV_DIR__
    let prompt = __VENV_PROMPT__
    let bin = __VENV_BIN_NAME__

    let pythons = [python python.exe] | each {|python| [$dir $bin $python] | path join } | where {|python| $python | path exists }
    if not ([$dir pyvenv.cfg] | path join | path exists) or ($pythons | is-empty) {
        error make {msg: "the environment was moved, or its Python is gone; nothing is activated"}
    }

    # What was before. Over another environment, which this one replaces: what was before that.
    let name = if "Path" in $env { "Path" } else { "PATH" }
    let old = if ($env._OLD_VIRTUAL? | describe) =~ "^record<path: .*, prompt: " { $env._OLD_VIRTUAL } else {
        path: (if $name in $env { $env | get $name } else { [] })
        prompt: $env.PROMPT_COMMAND?
    }
    $env._OLD_VIRTUAL = $old
    let path = if ($old.path | describe) == "string" {
        $old.path | split row (char esep)
    } else {
        $old.path
    }

    load-env {$name: ($path | prepend ($dir | path join $bin))}
    $env.VIRTUAL_ENV = $dir
    $env.VIRTUAL_ENV_PROMPT = $prompt
    # Null is passed on to no program. (What hide-env hides here would never come back.)
    if "PYTHONHOME" in $env { $env.PYTHONHOME = null }

    if ($env.VIRTUAL_ENV_DISABLE_PROMPT? | is-empty) {
        $env.PROMPT_COMMAND = {||
            let shown = if ($old.prompt | describe) == "closure" { do $old.prompt } else { $old.prompt }
            "(" + $env.VIRTUAL_ENV_PROMPT + ") " + ($shown | default "")
        }
    } else {
        $env.PROMPT_COMMAND = $old.prompt
    }
}

# The directory that the user has gone to meanwhile stays. (nushell shows the next line if it fails.)
# Not an active overlay? This file was read by `use`, and `deactivate` needs `overlay use`.
export alias deactivate = overlay hide activate --keep-env [PWD]
