"""SQLAdmin as the database console at `/sqladmin`, behind the same session and the same checks as everything else."""
