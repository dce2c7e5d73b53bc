"""Exports: everything that a person may see as csv, json, jsonl or xlsx, in constant memory."""

from models.export.formats import FORMATS, MAX_SHEET_ROWS, chunks, instant, json_text, write
from models.export.own import record_own, write_own
from models.export.rows import NOUNS, articles, audit_entries, people, record, tickets
from models.export.table import Table

__all__ = [
    "FORMATS",
    "MAX_SHEET_ROWS",
    "NOUNS",
    "Table",
    "articles",
    "audit_entries",
    "chunks",
    "instant",
    "json_text",
    "people",
    "record",
    "record_own",
    "tickets",
    "write",
    "write_own",
]
