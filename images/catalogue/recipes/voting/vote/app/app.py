"""The page where one votes: each vote goes into a list in Redis, for the worker."""

import json
import os
import socket
import uuid

from flask import Flask, make_response, render_template_string, request
from redis import Redis

OPTIONS = {"a": os.environ.get("OPTION_A", "Cats"), "b": os.environ.get("OPTION_B", "Dogs")}
PAGE = """<!doctype html>
<html lang="en">
<title>Vote</title>
<style>
  body { font-family: sans-serif; max-width: 30em; margin: 3em auto; text-align: center }
  button { font-size: 1.5em; padding: 1em 2em; margin: .5em }
</style>
<h1>{{ options.a }} or {{ options.b }}?</h1>
<form method="post">
  {% for key, name in options.items() %}<button name="vote" value="{{ key }}">{{ name }}</button>{% endfor %}
</form>
{% if vote %}<p>You voted for {{ options[vote] }}.</p>{% endif %}
<p><small>Answered by {{ host }}</small></p>
</html>
"""

app = Flask(__name__)
redis = Redis(host=os.environ.get("REDIS_HOST", "redis"), socket_timeout=10)


@app.route("/", methods=["GET", "POST"])
def vote():
    voter = request.cookies.get("voter") or uuid.uuid4().hex
    choice = request.form.get("vote")
    if choice not in OPTIONS:
        choice = None
    else:
        redis.rpush("votes", json.dumps({"voter": voter, "vote": choice}))
    page = render_template_string(PAGE, options=OPTIONS, vote=choice, host=socket.gethostname())
    response = make_response(page)
    response.set_cookie("voter", voter, samesite="Lax")
    return response
