# shellcheck shell=sh
# Sourced by test.sh: Maven's verify, and its test reports counted one by one.

# The classes that section `wire` counts; `unit` counts all others.
WIRE_TESTS='StackAgainstItselfTest|SteeringTest|BadWire\w*Test|Simulation\w*Test'

# count_reports REGULAR-EXPRESSION: adds up the JUnit reports of the classes whose name matches; one result a module, and
# one for each test that failed or was skipped.
count_reports() {
    "$PYTHON" "$IX_HOME/scripts/e2e/surefire.py" "$IX_HOME" "$1" >"$LOGS/reports"
    while IFS='|' read -r report_state report_count report_name report_detail; do
        result "$report_state" "$report_count" "$report_name" "$report_detail"
    done <"$LOGS/reports"
}

# run_maven LOG-NAME NAME ARGUMENT...: one result that says how Maven itself ended.
run_maven() {
    maven_log=$LOGS/$1.log
    maven_name=$2
    shift 2
    rm -rf "$IX_HOME"/*/target/surefire-reports
    maven_started=$(date +%s)
    if maven "$@" >"$maven_log" 2>&1; then
        result passed 1 "$maven_name" "$(($(date +%s) - maven_started)) s"
    else
        result failed 1 "$maven_name" "$(grep -m1 'ERROR' "$maven_log" | cut -c 1-200); log: $maven_log"
    fi
    # Maven has made the jars anew from the same sources: nothing is left to build.
    if [ -e "$IX_TARGET/built" ]; then touch "$IX_TARGET/built"; fi
}

section_unit() {
    section unit "mvn verify: unit tests, formatter, compiler warnings, dependency rules"
    run_maven maven-verify "mvn verify" -T 2 verify --fail-at-end
    count_reports "^(?!.*($WIRE_TESTS))"
}
