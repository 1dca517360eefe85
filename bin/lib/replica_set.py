"""python replica_set.py PORT: makes the local mongod on PORT the writable primary of a replica set of one."""

import sys
import time

import pymongo
from pymongo.errors import ConnectionFailure, OperationFailure

DEADLINE_SECONDS = 60


def main(port: int) -> None:
    """Initiate the set, or tell it its new port, and wait until it takes writes."""
    client: pymongo.MongoClient = pymongo.MongoClient(
        "127.0.0.1", port, directConnection=True, serverSelectionTimeoutMS=20_000
    )
    here = {"_id": 0, "host": f"127.0.0.1:{port}"}
    stored = client.local["system.replset"].find_one()
    if stored is None:
        client.admin.command("replSetInitiate", {"_id": "potato", "members": [here]})
    moved = stored is not None and stored["members"][0]["host"] != here["host"]

    give_up = time.monotonic() + DEADLINE_SECONDS
    while time.monotonic() < give_up:
        try:
            if moved:
                # Another program had the remembered port: this mongod got another and does not find itself.
                config = client.admin.command("replSetGetConfig")["config"]
                config |= {"members": [here], "version": config["version"] + 1}
                client.admin.command("replSetReconfig", config, force=True)
                moved = False
            if client.admin.command("hello")["isWritablePrimary"]:
                return
        except (ConnectionFailure, OperationFailure) as error:
            # It still reads its configuration, or closes connections while it changes its mind.
            reason = str(error)
        else:
            reason = "it is not primary"
        time.sleep(0.05)
    sys.exit(f"mongod on port {port} did not become primary within {DEADLINE_SECONDS} seconds: {reason}")


if __name__ == "__main__":
    main(int(sys.argv[1]))
