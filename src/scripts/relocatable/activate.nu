    # The directory above this file's; if that is no environment, above what links lead to.
    let above = $env.FILE_PWD | path dirname
    let dir = if ([$above pyvenv.cfg] | path join | path exists) { $above } else { $env.CURRENT_FILE | path expand | path dirname | path dirname }
    let prompt = $dir | path basename
