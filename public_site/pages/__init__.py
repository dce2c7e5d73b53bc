"""The pages: one file for each part of the site, one plain function for each page or deed."""
