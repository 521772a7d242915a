/** A small server of HTTP/1.1, HTTP/2 and WebSocket, with or without TLS, for load generators and browsers. Handlers run on their channel's event loop. */
package org.ixnet.examples.http;
