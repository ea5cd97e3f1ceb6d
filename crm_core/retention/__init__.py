"""Room: who comes back, and when do we lose them?"""
