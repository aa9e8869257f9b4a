#!/usr/bin/env bash
# Gradescope runs this for each submission, and then reads results/results.json.
set -uo pipefail
root="${AUTOGRADER_ROOT:-/autograder}"
package="$root/source/grader_package"
user="${GRADER_USER:-nobody}"

work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
cp -R "$root/submission" "$work/submission"
mkdir "$work/result" "$work/home"
student="$(python3 - "$root/submission_metadata.json" <<'END' 2>/dev/null
import json, sys
print(json.load(open(sys.argv[1], encoding="utf-8"))["users"][0]["email"])
END
)"

as_user=()
if [ "$(id -u)" = 0 ]; then
  chown -R "$user" "$work"
  as_user=(runuser -u "$user" --)
fi
cd "$work"
"${as_user[@]}" env -i HOME="$work/home" LANG=C.UTF-8 PATH="/usr/local/bin:/usr/bin:/bin" \
  "$root/grader-venv/bin/python" -I "$package/grade.py" "$work/submission" \
  --output "$work/result/results.json" --student "$student"
status=$?

# The file is made by the grader's user: root follows no link of it.
if [ "$status" = 0 ] && [ -f "$work/result/results.json" ] && [ ! -L "$work/result/results.json" ]; then
  mkdir -p "$root/results"
  install -m 644 "$work/result/results.json" "$root/results/results.json"
else
  echo "The grader has written no result (status $status)."
  exit 1
fi
