# shellcheck shell=sh
# Sourced by test.sh: IX against itself over the in-memory wire. The tests ran with section `unit`, if that was asked for.

section_wire() {
    section wire "the stack against itself over a wire that loses, duplicates, reorders and delays"
    if [ ! -e "$LOGS/maven-verify.log" ]; then
        # shellcheck source=scripts/e2e/unit.sh
        . "$IX_HOME/scripts/e2e/unit.sh"
        run_maven maven-wire "mvn test" test -pl ix-stack '-Dtest=StackAgainstItselfTest,SteeringTest,*BadWire*,*Simulation*' \
            -Dsurefire.failIfNoSpecifiedTests=false
    fi
    wire_before=$(wc -l <"$RESULTS")
    count_reports "$WIRE_TESTS"
    if [ "$(wc -l <"$RESULTS")" -eq "$wire_before" ]; then result failed 1 "tests over the in-memory wire" "there were none"; fi
}
