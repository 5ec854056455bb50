"""What each command does: call the capability, print what came of it."""
