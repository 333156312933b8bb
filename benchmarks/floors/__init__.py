"""The floors: the same answers by the shortest way, without anything of the archive's own."""
