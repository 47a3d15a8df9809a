"""What people see: command line, study folder, pictures and report."""
