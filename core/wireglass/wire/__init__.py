"""Bytes in and out: moves frames and headers and knows no method's meaning."""
