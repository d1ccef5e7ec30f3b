#!/bin/sh
# Plays the behaviour suite, as far as this machine can: without node only its cases in Python,
# without a sandbox none of them. Then the run that lies here is shown, with what would cure that.
set -u

cases=""
if [ ! -x node_modules/.bin/eslint ]; then
  echo "Without node and npm, only the cases in Python are played."
  cases="--tag python"
fi
"$BIN/audition" run evals/behavior.yaml --fresh $cases
code=$?
if [ "$code" -eq 2 ]; then
  echo "Nothing was played above. This is a run of the same suite, made on another machine:"
  echo
  cp evals/behavior.run.db reports/behavior-shipped.run.db
  "$BIN/audition" show reports/behavior-shipped.run.db
  "$BIN/audition" report reports/behavior-shipped.run.db
  exit 0
fi
[ "$code" -le 1 ]
