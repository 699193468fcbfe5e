"""The parts that containers bring elsewhere, as processes of this machine: Redis and the ERP."""
