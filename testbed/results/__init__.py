"""What is known of requests and runs: records, tables, estimates, summaries."""
