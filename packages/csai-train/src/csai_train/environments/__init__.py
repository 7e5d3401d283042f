"""How training reaches environments: opening, stepping, limiting and restoring any of Gymnasium's."""
