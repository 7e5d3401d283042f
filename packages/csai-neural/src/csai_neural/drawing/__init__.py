"""Pictures of networks; needs the extra `diagram`, which brings matplotlib."""
