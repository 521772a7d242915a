package org.ixnet.netty.testsuite;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.List;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.platform.commons.support.AnnotationSupport;

/** Skipped with these pairings, for the reason given. */
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(NotOn.Condition.class)
@interface NotOn {
    String PEER_IS_THE_KERNELS = "its peer is a socket of the kernel, which the internal loopback does not reach";

    Pairing[] value();

    String why();

    /** Looks at the pairing. */
    final class Condition implements ExecutionCondition {
        Condition() {}

        @Override
        public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
            return AnnotationSupport.findAnnotation(context.getElement(), NotOn.class)
                    .filter(found -> List.of(found.value()).contains(Pairing.HERE))
                    .map(found -> ConditionEvaluationResult.disabled(found.why()))
                    .orElseGet(() -> ConditionEvaluationResult.enabled("no reason against it"));
        }
    }
}
