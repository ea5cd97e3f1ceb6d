"""Who comes back, and when do we lose them?"""
