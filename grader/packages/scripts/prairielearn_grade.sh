#!/bin/sh
# PrairieLearn runs this in the container of the image, for each submission.
root="${GRADE_ROOT:-/grade}"
mkdir -p "$root/results"
work="$(mktemp -d)"
cp -R "$root/tests/grader_package" "$work/package"
# From here on only this user can read the right values; the sandbox keeps the submission from them.
chmod -R go-rwx "$work/package" "$root/tests"
if ! python3 -I "$work/package/grade.py" "$root/student" --output "$root/results/results.json" 2>"$work/errors"; then
  printf '{"gradable": false, "format_errors": ["%s"]}\n' \
    "It could not be graded: the grader cannot start in this image. Please tell your instructor." \
    > "$root/results/results.json"
  tail -n 1 "$work/errors" >&2
fi
rm -rf "$work"
