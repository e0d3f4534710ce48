# The directory above this file's; if that is no environment, above what links lead to.
env_dir = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
if not os.path.exists(os.path.join(env_dir, "pyvenv.cfg")):
    env_dir = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
prompt = os.path.basename(env_dir)
