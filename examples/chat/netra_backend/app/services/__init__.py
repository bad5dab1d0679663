"""Services that live as long as the process, or as long as a connection."""
