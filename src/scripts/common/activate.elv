# Activates this environment in elvish:
#
#   eval (slurp < bin/activate.elv)
#
# `deactivate` puts back everything as it was. A script can't be given that name from here; it says
#
#   var env = $nil
#   eval &on-end={|ns| set env = $ns} (slurp < bin/activate.elv)
#   $env[leave~]

# What only some shells have (an editor, a command of the user's) may be named only in code that is
# compiled where it is there. `resolve` tells.
var code = 'put $nil'
if (eq (resolve _OLD_VIRTUAL_ENV-leave) '$_OLD_VIRTUAL_ENV-leave~') {
  # An environment that is active in this shell goes first; the user's command is what it kept.
  set code = 'put $_OLD_VIRTUAL_ENV-deactivate; _OLD_VIRTUAL_ENV-leave'
} elif (eq (resolve deactivate) '$deactivate~') {
  set code = 'put $deactivate~'
}
var users-deactivate = (eval $code)

set code = 'put $nil'
if (eq (resolve edit:add-var) '$edit:add-var~') { set code = 'put $edit:prompt' }
var users-prompt = (eval $code)

var dir = __VENV_DIR__
var prompt = __VENV_PROMPT__
var bin = __VENV_BIN_NAME__

fn keep {|name|
  if (has-env $name) {
    var value = (get-env $name)
    put { set-env $name $value }
  } else {
    put { unset-env $name }
  }
}
var undo = [(each $keep~ [PATH PYTHONHOME VIRTUAL_ENV VIRTUAL_ENV_PROMPT])]

var path = $dir/$bin
if (and (has-env PATH) (not-eq $E:PATH '')) { set path = $path':'$E:PATH }
set-env PATH $path
unset-env PYTHONHOME
set-env VIRTUAL_ENV $dir
set-env VIRTUAL_ENV_PROMPT $prompt

fn set-prompt {|new| eval &ns=(ns [&new=$new]) 'set edit:prompt = $new' }

# Under its own name `resolve` and `eval` above would find it, instead of the user's.
fn leave {
  each {|restore| $restore } $undo
  if (not-eq $users-prompt $nil) {
    set-prompt $users-prompt
    edit:del-vars [_OLD_VIRTUAL_ENV-leave~ _OLD_VIRTUAL_ENV-deactivate deactivate~]
    if (not-eq $users-deactivate $nil) { edit:add-var deactivate~ $users-deactivate }
  }
}

if (not-eq $users-prompt $nil) {
  if (eq $E:VIRTUAL_ENV_DISABLE_PROMPT '') {
    set-prompt { put '('$E:VIRTUAL_ENV_PROMPT') '; $users-prompt }
  }
  edit:add-vars [
    &_OLD_VIRTUAL_ENV-leave~=$leave~
    &_OLD_VIRTUAL_ENV-deactivate=$users-deactivate
    &deactivate~=$leave~
  ]
}
