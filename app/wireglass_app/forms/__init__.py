"""Forms made from JSON Schemas."""
