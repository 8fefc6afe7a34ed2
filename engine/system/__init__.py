"""What this machine offers: processes, threads, devices, versions, and why it refused."""
