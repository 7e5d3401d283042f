"""The rules of health that csai-train offers, a family a file; see `docs/health.md`."""
