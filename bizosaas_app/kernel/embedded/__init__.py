"""The embedded engines: PostgreSQL and Valkey of one data folder, for development and tests.

One small *keeper* process per data folder owns both engines. The processes that use them hold a
shared lock, which the operating system drops when they die, so nobody has to send heartbeats; the
keeper stops the engines and leaves a few seconds after the last lock is gone.

    engines.py    what the application calls: `acquire`
    keeper.py     the process that owns the engines
    postgres.py   init, start and stop of one PostgreSQL cluster; roles.py fills it
    valkey.py     start and stop of one Valkey server
    folder.py     the files that users and keeper share; locks.py the locks on them
    cluster.py    where a cluster lies, and the URLs of its roles
    accounts.py   the system account that PostgreSQL needs when we run as root
"""

from bizosaas_app.kernel.embedded.engines import Engines, Handle, acquire
from bizosaas_app.kernel.embedded.errors import EngineFailed

__all__ = ["EngineFailed", "Engines", "Handle", "acquire"]
