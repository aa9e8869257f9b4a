#!/usr/bin/env bash
# Gradescope runs this once, as root, when it builds the image of the assignment.
set -euo pipefail
root="${AUTOGRADER_ROOT:-/autograder}"
package="$root/source/grader_package"
user="${GRADER_USER:-nobody}"

as_user=()
if [ "$(id -u)" = 0 ]; then as_user=(runuser -u "$user" --); fi
# New enough, and one that the grader's user may run.
suits() { "${as_user[@]}" "$1" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

python=""
for name in python3 /usr/bin/python3 python3.13 python3.12 python3.11; do
  if place="$(command -v "$name")" && suits "$place"; then python="$place"; break; fi
done
if [ -z "$python" ]; then
  # The system's own python3 stays as it is: Gradescope's programs need it.
  export DEBIAN_FRONTEND=noninteractive
  apt-get update
  apt-get install -y --no-install-recommends python3.11 python3.11-venv
  python=python3.11
fi
# With these two the submission cannot read or change anything of the grader.
if command -v apt-get >/dev/null && ! command -v bwrap >/dev/null; then
  apt-get install -y --no-install-recommends bubblewrap libseccomp2 || echo "bubblewrap cannot be installed"
fi

"$python" -m venv "$root/grader-venv"
"$root/grader-venv/bin/python" -m pip install --no-cache-dir --requirement "$package/requirements.txt"
if [ -f "$package/requirements-torch.txt" ]; then
  "$root/grader-venv/bin/python" -m pip install --no-cache-dir --requirement "$package/requirements-torch.txt"
fi
"$root/grader-venv/bin/python" -m compileall -q "$package/grader"

# The right values are for the grader's user alone; submissions are run by it too, in a sandbox that hides them.
if [ "$(id -u)" = 0 ]; then chown -R "$user" "$package"; fi
chmod -R go-rwx "$package"
