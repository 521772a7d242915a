/** A server that sends back what it receives. Handlers run on their channel's event loop. */
package org.ixnet.examples.echo;
