"""The page with the result: it asks this service for the numbers every two seconds."""

import os

import psycopg2
from flask import Flask, jsonify, render_template_string

OPTIONS = {"a": os.environ.get("OPTION_A", "Cats"), "b": os.environ.get("OPTION_B", "Dogs")}
PAGE = """<!doctype html>
<html lang="en">
<title>Result</title>
<style>
  body { font-family: sans-serif; max-width: 30em; margin: 3em auto }
  meter { width: 100% }
</style>
<h1>Result</h1>
{% for key, name in options.items() %}<p>{{ name }}: <b id="{{ key }}">–</b><br><meter id="bar-{{ key }}"></meter></p>{% endfor %}
<script>
  async function show() {
    const votes = await (await fetch('api')).json();
    const sum = votes.a + votes.b || 1;
    for (const key of ['a', 'b']) {
      document.getElementById(key).textContent = votes[key];
      document.getElementById('bar-' + key).value = votes[key] / sum;
    }
  }
  show();
  setInterval(show, 2000);
</script>
</html>
"""

app = Flask(__name__)


def password():
    path = os.environ.get("POSTGRES_PASSWORD_FILE")
    if path:
        with open(path, encoding="utf-8") as file:
            return file.read().strip()
    return os.environ.get("POSTGRES_PASSWORD", "postgres")


@app.route("/")
def page():
    return render_template_string(PAGE, options=OPTIONS)


@app.route("/api")
def api():
    votes = {"a": 0, "b": 0}
    try:
        database = psycopg2.connect(
            host=os.environ.get("POSTGRES_HOST", "db"),
            user=os.environ.get("POSTGRES_USER", "postgres"),
            password=password(),
            connect_timeout=10,
        )
    except psycopg2.OperationalError as error:
        return jsonify(error=str(error)), 503
    try:
        with database.cursor() as cursor:
            cursor.execute("SELECT vote, count(*) FROM votes GROUP BY vote")
            votes.update(cursor.fetchall())
    except psycopg2.errors.UndefinedTable:
        # The worker makes the table; until then nobody's vote has arrived.
        pass
    finally:
        database.close()
    return jsonify(votes)
