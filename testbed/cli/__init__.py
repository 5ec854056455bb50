"""The command line: parse, call one command."""
