"""What counts as too little, as long, as overdue."""
