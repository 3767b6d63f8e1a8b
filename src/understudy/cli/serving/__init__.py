"""What `understudy serve` needs beside its command."""
