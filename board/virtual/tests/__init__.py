"""What the board must do, each a statement, on a real kernel."""
