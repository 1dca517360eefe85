"""python healthy.py PROCESS [PORT]: ends with 0 while that process of this container or machine does its work.

web, events: it answers on PORT. worker: it answers Celery's ping. relay: nothing has been due for a
minute. beat: it sent a task in the last five minutes. The last two ask PostgreSQL.
"""

import os
import socket
import subprocess
import sys
import urllib.request

QUESTIONS = {
    "relay": """
        SELECT NOT EXISTS (
            SELECT FROM prices_ledgerrow
            WHERE state = 'accepted' AND next_try_at < now() - interval '1 minute'
            AND coalesce(lease_until, next_try_at) < now()
        )
    """,
    "beat": "SELECT max(last_run_at) > now() - interval '5 minutes' FROM django_celery_beat_periodictask",
}


def ask_postgres(question: str) -> bool:
    import psycopg

    url = os.environ["DATABASE_URL"].replace("postgis://", "postgresql://", 1)
    with psycopg.connect(url, connect_timeout=3) as connection:
        row = connection.execute(question).fetchone()
    return bool(row and row[0])


def is_healthy(process: str, port: int) -> bool:
    """Ask the process itself, or what it leaves behind. An exception is a no as well."""
    match process:
        case "web":
            # Under a name that it answers to: it refuses every other one.
            host = os.environ.get("ALLOWED_HOSTS", "").split(",")[0].strip().lstrip(".") or "localhost"
            request = urllib.request.Request(f"http://127.0.0.1:{port}/healthz", headers={"Host": host})
            with urllib.request.urlopen(request, timeout=3) as response:
                return bool(response.status == 200)
        case "events":
            socket.create_connection(("127.0.0.1", port), timeout=3).close()
            return True
        case "worker":
            ping = ["celery", "-A", "potato", "inspect", "ping", "-d", f"celery@{socket.gethostname()}"]
            return subprocess.run([sys.executable, "-m", *ping], stdout=subprocess.DEVNULL).returncode == 0
        case _:
            return ask_postgres(QUESTIONS[process])


if __name__ == "__main__":
    sys.exit(not is_healthy(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 8000))
