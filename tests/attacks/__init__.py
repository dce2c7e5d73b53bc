"""The register of attacks and faults: which test stands against which."""
