"""Room: one row a customer, and the orders and days it is made of; what every other room reads."""
