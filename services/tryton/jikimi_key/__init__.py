"""A Tryton module: moves bear the key and the witnesses of the voucher that they are, and a key is posted once.

Licence: GPL-3.0-or-later, as Tryton's own; see README.md.
"""
