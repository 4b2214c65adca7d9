"""The programs' door, `/api/v1`: forecasts, warnings, ledger and proofs, scores, prices; feeds and health.

parameters    those of an address that its path takes
problems      errors as RFC 9457 problem details
shapes        what the answers in JSON hold
answers       one content in the form asked for, with an ETag
cursors       pages of long lists
forecasts     forecasts, draws, exports
records       warnings, ledger, proofs, areas, scores, prices
writing       entries and answers sent by programs
feeds         CAP, Atom and the rest, and whether all is well
document      the OpenAPI document as a file
"""
