#!/bin/bash
# VPL runs this for "Evaluate"; it has to make the program vpl_execution, whose output VPL reads.
. ./vpl_environment.sh

{
  echo '#!/bin/bash'
  printf 'lowest=%q highest=%q student=%q\n' "${VPL_GRADEMIN:-0}" "${VPL_GRADEMAX:-100}" "$MOODLE_USER_EMAIL"
  echo 'names=('
  number=0
  while true; do
    name="VPL_SUBFILE$number"
    [ -n "${!name}" ] || break
    printf '  %q\n' "${!name}"
    number=$((number + 1))
  done
  echo ')'
  cat <<'END'
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
mkdir "$work/submission"
for name in "${names[@]}"; do
  mkdir -p "$(dirname "$work/submission/$name")"
  cp -- "$name" "$work/submission/$name"
done
base64 -d grader_package.b64 | tar -xJ -C "$work"

python=""
for name in python3 python3.13 python3.12 python3.11; do
  if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then python="$name"; break; fi
done
if [ -z "$python" ]; then
  echo "Comment :=>> It could not be graded: the jail server has no Python 3.11 or newer. Please tell your instructor."
  exit 0
fi
# -I: nothing is imported from this folder, which holds the student's files.
if ! "$python" -I "$work/grader_package/grade.py" "$work/submission" --output "$work/result" --student "$student" \
    --range "$lowest" "$highest" 2>"$work/errors"; then
  echo "Comment :=>> It could not be graded. Please tell your instructor that the grader cannot start on this server."
  tail -n 1 "$work/errors" | sed 's/^/Comment :=>> /'
  exit 0
fi
cat "$work/result"
END
} > vpl_execution
chmod +x vpl_execution
