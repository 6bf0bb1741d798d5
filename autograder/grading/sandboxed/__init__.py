"""What runs inside the sandbox; `frames` alone is used on both sides."""
