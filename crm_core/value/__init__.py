"""What each customer will be worth, and what may be spent to keep or win one."""
