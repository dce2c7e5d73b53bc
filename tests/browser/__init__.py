"""The site in Chromium: whole walks, and what every page must keep to."""
