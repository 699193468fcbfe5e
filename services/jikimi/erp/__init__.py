"""The ERP: what Jikimi needs of it (`port`), and one adapter a file."""
