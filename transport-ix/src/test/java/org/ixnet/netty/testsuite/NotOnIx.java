package org.ixnet.netty.testsuite;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.platform.commons.support.AnnotationSupport;

/** Skipped on IX, for the reason given; run on the transport that IX is compared with. */
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(NotOnIx.Condition.class)
@interface NotOnIx {
    String value();

    /** Looks at the transport. */
    final class Condition implements ExecutionCondition {
        Condition() {}

        @Override
        public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
            if (IxTestPermutation.ON_EPOLL) {
                return ConditionEvaluationResult.enabled("epoll");
            }
            return AnnotationSupport.findAnnotation(context.getElement(), NotOnIx.class)
                    .map(found -> ConditionEvaluationResult.disabled(found.value()))
                    .orElseGet(() -> ConditionEvaluationResult.enabled("no reason against it"));
        }
    }
}
