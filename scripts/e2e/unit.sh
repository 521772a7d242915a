# shellcheck shell=sh
# Sourced by test.sh: Maven's verify, and its test reports counted one by one.

# count_reports REGULAR-EXPRESSION: adds up the JUnit reports of the classes whose name matches; one result a module, and
# one for each test that failed or was skipped.
count_reports() {
    "$PYTHON" "$IX_HOME/scripts/e2e/surefire.py" "$IX_HOME" "$1" >"$LOGS/reports"
    while IFS='|' read -r report_state report_count report_name report_detail; do
        result "$report_state" "$report_count" "$report_name" "$report_detail"
    done <"$LOGS/reports"
}

section_unit() {
    section unit "mvn verify: unit tests, formatter, compiler warnings, dependency rules"
    rm -rf "$IX_HOME"/*/target/surefire-reports
    unit_started=$(date +%s)
    if maven verify --fail-at-end >"$LOGS/maven-verify.log" 2>&1; then
        result passed 1 "mvn verify" "$(($(date +%s) - unit_started)) s"
    else
        result failed 1 "mvn verify" "$(grep -m1 'ERROR' "$LOGS/maven-verify.log" | cut -c 1-200); log: $LOGS/maven-verify.log"
    fi
    count_reports .
    # verify has made the jars anew: nothing is left to build.
    if [ -e "$IX_TARGET/built" ]; then touch "$IX_TARGET/built"; fi
}
