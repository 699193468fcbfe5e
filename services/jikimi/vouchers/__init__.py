"""The main job: a statement's lines become vouchers in the ERP, each exactly once."""

from jikimi.tables.reasons import add_sentences
from jikimi.vouchers.reasons import SENTENCES

add_sentences(SENTENCES)  # here, so that no module of this folder can give a reason that cannot be said
