"""What the whole backend needs: start-up, shutdown, metrics."""
