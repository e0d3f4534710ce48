# Activates this environment in elvish:
#
#   eval (slurp < bin/activate.elv)
#
# `deactivate` puts back everything as it was. A script can't be given that name from here; it says
#
#   var env = $nil
#   eval &on-end={|ns| set env = $ns} (slurp < bin/activate.elv)
#   $env[leave~]

use path
use str

var dir = __VENV_DIR__
var prompt = __VENV_PROMPT__
var bin = __VENV_BIN_NAME__

if (not (and (path:is-regular &follow-symlink=$true $dir/pyvenv.cfg) (path:is-regular &follow-symlink=$true $dir/$bin/python))) {
  fail 'the environment was moved, or its Python is gone; nothing is activated'
}

# What only some shells have (an editor, a command of the user's) may be named only in code that is
# compiled where it is there. `resolve` tells.
var code = 'put $nil'
if (eq (resolve _OLD_VIRTUAL_ENV-leave) '$_OLD_VIRTUAL_ENV-leave~') { set code = 'put $_OLD_VIRTUAL_ENV-leave~' }
var users-leave = (eval $code)
set code = 'put $nil'
if (eq (resolve deactivate) '$deactivate~') { set code = 'put $deactivate~' }
var users-deactivate = (eval $code)
if (and (not-eq $users-leave $nil) (has-value $users-leave[opt-names] _OLD_VIRTUAL_ENV)) {
  # An environment that is active in this shell goes first; the user's commands are what it kept.
  var leave = $users-leave
  set users-leave users-deactivate = (all $leave[opt-defaults][0])
  $leave
}
set code = 'put $nil'
if (eq (resolve edit:add-var) '$edit:add-var~') { set code = 'put $edit:prompt' }
var users-prompt = (eval $code)

fn keep {|name|
  if (has-env $name) {
    var value = (get-env $name)
    put { set-env $name $value }
  } else {
    put { unset-env $name }
  }
}
var undo = [(each $keep~ [PATH PYTHONHOME VIRTUAL_ENV VIRTUAL_ENV_PROMPT])]

# In a script, one that was activated before is known by its variable only.
var old-path = $E:PATH
if (eq $users-prompt $nil) { set old-path = (str:trim-prefix $old-path $E:VIRTUAL_ENV/$bin':') }
var new-path = $dir/$bin
if (not-eq $old-path '') { set new-path = $new-path':'$old-path }
set-env PATH $new-path
unset-env PYTHONHOME
set-env VIRTUAL_ENV $dir
set-env VIRTUAL_ENV_PROMPT $prompt

fn set-prompt {|new| eval &ns=(ns [&new=$new]) 'set edit:prompt = $new' }

# Under its own name `resolve` and `eval` above would find it, instead of the user's. Its option is
# what makes it known, and holds what was.
fn leave {|&_OLD_VIRTUAL_ENV=[$users-leave $users-deactivate]|
  each {|restore| $restore } $undo
  if (not-eq $users-prompt $nil) {
    set-prompt $users-prompt
    edit:del-vars [_OLD_VIRTUAL_ENV-leave~ deactivate~]
    if (not-eq $users-leave $nil) { edit:add-var _OLD_VIRTUAL_ENV-leave~ $users-leave }
    if (not-eq $users-deactivate $nil) { edit:add-var deactivate~ $users-deactivate }
  }
}

if (not-eq $users-prompt $nil) {
  if (eq $E:VIRTUAL_ENV_DISABLE_PROMPT '') {
    set-prompt { put '('$E:VIRTUAL_ENV_PROMPT') '; $users-prompt }
  }
  edit:add-vars [&_OLD_VIRTUAL_ENV-leave~=$leave~ &deactivate~=$leave~]
}
