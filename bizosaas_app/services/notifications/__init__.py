"""Notifications: what a member should see, in the application and by mail."""
