/**
 * Results and how they are shown: rows (median, minimum, maximum), JSON, terminal table, Markdown and one self-contained
 * HTML page with SVG plots. Depends on nothing of this program. Thread rule: the orchestrator's main thread.
 */
@NullMarked
package org.ixnet.benchmarks.report;

import org.jspecify.annotations.NullMarked;
