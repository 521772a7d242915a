/** A small HTTP/1.1 server for load generators and browsers. Handlers run on their channel's event loop. */
package org.ixnet.examples.http;
