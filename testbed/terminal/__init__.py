"""What people see while a command runs and when it ends."""
