"""What tests need from outside: a browser, a PostgreSQL server, a folder for one run."""
