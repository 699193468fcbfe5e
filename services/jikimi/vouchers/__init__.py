"""The main job: a statement's lines become vouchers in the ERP, each exactly once."""
