/** What the agent asks of its own process and host: no dumps, locked memory, systemd, who is attached. */
@NullMarked
package dev.sallyport.volume.host;

import org.jspecify.annotations.NullMarked;
