"""Guards: generated tests that ask every route, form and sink the same questions."""
