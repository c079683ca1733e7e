"""The server runtime: functions become components, requests become calls."""
