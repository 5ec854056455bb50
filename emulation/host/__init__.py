"""What is asked of the machine: commands, child processes, network namespaces, exact sleeping."""
