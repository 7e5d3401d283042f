"""Tuning: a search for settings that learn better, by as many processes on as many computers as one likes."""
