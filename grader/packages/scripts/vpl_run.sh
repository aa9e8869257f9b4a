#!/bin/bash
# VPL runs this for "Run": the student's own program, ungraded.
. ./vpl_environment.sh
{
  echo '#!/bin/bash'
  printf 'exec python3 %q\n' "$VPL_SUBFILE0"
} > vpl_execution
chmod +x vpl_execution
