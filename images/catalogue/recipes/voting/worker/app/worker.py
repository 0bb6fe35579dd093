"""Takes votes from the list in Redis into a table of PostgreSQL: the last vote of each voter counts."""

import json
import os
import signal
import sys
import time

import psycopg2
import redis


def password():
    path = os.environ.get("POSTGRES_PASSWORD_FILE")
    if path:
        with open(path, encoding="utf-8") as file:
            return file.read().strip()
    return os.environ.get("POSTGRES_PASSWORD", "postgres")


def connect():
    while True:
        try:
            database = psycopg2.connect(
                host=os.environ.get("POSTGRES_HOST", "db"),
                user=os.environ.get("POSTGRES_USER", "postgres"),
                password=password(),
                connect_timeout=10,
            )
            database.autocommit = True
            with database.cursor() as cursor:
                cursor.execute("CREATE TABLE IF NOT EXISTS votes (voter text PRIMARY KEY, vote text NOT NULL)")
            print("Connected to the database", flush=True)
            return database
        except psycopg2.Error as error:
            print(f"Waiting for the database: {str(error).splitlines()[0]}", flush=True)
            time.sleep(1)


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    votes = redis.Redis(host=os.environ.get("REDIS_HOST", "redis"))
    database = connect()
    while True:
        try:
            _, item = votes.blpop("votes")
            vote = json.loads(item)
            print(f"Vote for {vote['vote']}", flush=True)
            with database.cursor() as cursor:
                cursor.execute(
                    "INSERT INTO votes VALUES (%s, %s) ON CONFLICT (voter) DO UPDATE SET vote = excluded.vote",
                    (vote["voter"], vote["vote"]),
                )
        except redis.RedisError as error:
            print(f"Waiting for Redis: {error}", flush=True)
            time.sleep(1)
        except psycopg2.Error:
            # Back to the head of the list, for when the database is there again.
            votes.lpush("votes", item)
            database = connect()


main()
