"""What is put on disk, whatever it means: files and folders that are whole or not there, JSON."""
