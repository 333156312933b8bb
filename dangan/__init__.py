"""The face: settings, command line, later the web desk."""
