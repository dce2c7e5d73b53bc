"""The outbox, what mails say, and their delivery."""
