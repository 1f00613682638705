"""What the program asks of the machine: cores, memory, threads, durable files."""
